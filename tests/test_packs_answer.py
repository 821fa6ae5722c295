"""Each sample pack's own test questions, put to the real dialogue."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from knowledge import pack as packs
from models.base import Encoder
from terminal.dialogue.dialogue import Dialogue
from terminal.events import Reply, WordsHeard

pytestmark = pytest.mark.models

RIGHT_AT_LEAST, RIGHT_IN_EACH = 0.90, 0.85
"""Outcome and answer id, of the questions that the packs answer."""
WRONG_AT_MOST = 0.04
"""Another answer than the right one, given without asking back."""
STRAYED_AT_MOST = 0.06
"""An answer to a question that is not the hall's business."""


@dataclass
class Score:
    """How a pack's questions were answered."""

    kinds: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def take(self, row: dict[str, Any], reply: Reply) -> None:
        kind = kind_of(row, reply)
        self.kinds[kind] += 1
        if kind != "right":
            wanted = row["answer_id"] or row["outcome"]
            got = reply.answer_id or " ".join([reply.outcome, *(o.id for o in reply.options)])
            self.lines.append(f"{kind:16} {row['id']} {row['text']}: {wanted}, not {got}")

    @property
    def figures(self) -> str:
        return ", ".join(f"{self.share(kind):.1%} {kind}" for kind, _ in self.kinds.most_common())

    @property
    def failures(self) -> str:
        return "\n".join(sorted(self.lines))

    def share(self, *kinds: str) -> float:
        return sum(self.kinds[kind] for kind in kinds) / self.kinds.total()


def kind_of(row: dict[str, Any], reply: Reply) -> str:
    if (reply.outcome, reply.answer_id) == (row["outcome"], row["answer_id"]):
        return "right"
    if reply.answer_id is not None:
        return "wrong"
    if row["answer_id"] in [option.id for option in reply.options]:
        return "among the options"
    return f"only {reply.outcome}"


def scores(folder: Path, encoder: Encoder) -> tuple[Score, Score]:
    """Of the questions that the pack answers, and of those that it does not."""
    dialogue = Dialogue(packs.load(folder), encoder)
    inside, outside = Score(), Score()
    for line in (folder / "tests.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        dialogue.wipe()
        for earlier in row.get("context", []):
            dialogue.reply(WordsHeard(0, earlier))
        score = outside if row["outcome"] == "unknown" else inside
        score.take(row, dialogue.reply(WordsHeard(0, row["text"])))
    return inside, outside


def test_the_packs_own_questions(encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    whole = Score()
    for folder in packs.samples():
        inside, outside = scores(folder, encoder)
        with capsys.disabled():
            print(f"\n{folder.name}: {inside.figures}; not in the pack: {outside.figures}")
        assert inside.share("right") >= RIGHT_IN_EACH, inside.failures
        assert inside.share("wrong") <= WRONG_AT_MOST, inside.failures
        assert outside.share("wrong") <= STRAYED_AT_MOST, outside.failures
        whole.kinds += inside.kinds
        whole.lines += inside.lines
    assert whole.share("right") >= RIGHT_AT_LEAST, whole.failures
