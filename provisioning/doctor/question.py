"""Does the kiosk answer the pack's own questions?"""

from __future__ import annotations

import time
from collections.abc import Iterator

from fleet.errors import KioskError
from fleet.folders import cache_folder
from knowledge import pack as packs
from knowledge.schema import Case
from provisioning.doctor.row import Row, Verdict
from provisioning.doctor.subject import Subject
from terminal.dialogue.dialogue import Dialogue
from terminal.events import WordsHeard
from terminal.pack_trial import cases_of, kind_of

ASKED = 20
GOOD, POOR = 0.7, 0.4
"""Share answered right at once. The sample packs' questions are hard on purpose, and the kiosk may
ask back; a model or a pack that is broken answers next to none."""


def look(subject: Subject) -> Iterator[Row]:
    """By text: models of meaning and pack, without ears and voice."""
    try:
        cases = some(cases_of(subject.pack))
    except KioskError:
        mend = "请知识包编写人员补充 tests.jsonl"
        yield Row("question.text", "note", "自问自答（文字）", "知识包没有试问", mend)
        return
    dialogue = Dialogue(packs.load(subject.pack), subject.encoder, kept=cache_folder() / "meaning")
    began = time.perf_counter()
    right = sum(is_right(dialogue, case) for case in cases)
    yield judge(len(cases), right, (time.perf_counter() - began) * 1000 / max(1, len(cases)))


def some(cases: list[Case]) -> list[Case]:
    """Some that have an answer and need no context, from all over the pack."""
    fit = [case for case in cases if case.outcome == "answered" and not case.context]
    return fit[:: max(1, len(fit) // ASKED)][:ASKED]


def is_right(dialogue: Dialogue, case: Case) -> bool:
    """In a visit of its own."""
    dialogue.wipe()
    return kind_of(case, dialogue.reply(WordsHeard(0, case.text))) == "right"


def judge(asked: int, right: int, mean_ms: float) -> Row:
    """`mean_ms`: of one answer."""
    share = right / max(1, asked)
    verdict: Verdict = "ok" if share >= GOOD else "warn" if share >= POOR else "fail"
    mend = "" if verdict == "ok" else "运行 kiosk pack test 看清哪些问题答错；模型损坏时重新安装"
    found = f"{asked} 问答对 {right} 问，平均 {mean_ms:.0f} 毫秒"
    figures = {"asked": asked, "right": right, "mean_ms": round(mean_ms, 1)}
    return Row("question.text", verdict, "自问自答（文字）", found, mend, figures)
