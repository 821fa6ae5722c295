"""Does the kiosk understand what is said to it? Its own voice asks it the pack's questions.

The sound goes from voice to ears in memory: no loudspeaker, no microphone, no hall. Those have
checks of their own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from fleet.errors import KioskError
from hardware.base import FRAME_RATE_HZ, Sound
from knowledge.schema import Case
from provisioning.doctor.question import is_right, some
from provisioning.doctor.row import Figure, Row, Verdict
from provisioning.doctor.subject import Subject
from terminal import assembly
from terminal.config import Settings
from terminal.pack_trial import cases_of, kind_of
from terminal.replay import replay_sound
from terminal.runner import Engines
from terminal.speaking import Speaking

MOST = 3
"""One may be hard to read aloud, or to hear; after three the kiosk does not hear."""
AROUND_S = 0.5
"""Of silence before and behind the question, as a microphone gives it."""
SLOW_MS = 3000.0
"""From the end of the question to the first sound of the answer: by then people ask again."""
TITLE = "自问自答（语音）"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was said."""

    right: bool
    spoken: bool
    """Whether the answer was said, too."""
    latency_ms: float
    """From the end of the question to the first sound, the endpoint's wait included."""


class Brief(Speaking):
    """Says an answer's first clause alone: a long one takes a small board half a minute."""

    def __init__(self, whole: Speaking) -> None:
        self._whole = whole

    def sounds(
        self, text: str, speed: float = 1.0, gain: float = 1.0, pause_s: float = 0.0
    ) -> Iterator[Sound]:
        """One, or none."""
        return islice(self._whole.sounds(text, speed, gain, pause_s), 1)


def look(subject: Subject) -> Iterator[Row]:
    """Loads all models, as `kiosk run` does. Speech is made anew: a full cache is faster."""
    try:
        cases = some(cases_of(subject.pack))
    except KioskError:
        mend = "请知识包编写人员补充 tests.jsonl"
        yield Row("self_question", "note", TITLE, "知识包没有试问", mend)
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = _own(subject, Path(folder))
        engines = assembly.open_engines(settings)
        yield judge(try_some(fit(cases, engines), engines, settings))


def _own(subject: Subject, folder: Path) -> Settings:
    """The kiosk's settings with the pack in use; its voice cache is the kiosk's alone."""
    cache = subject.settings.voice_cache.model_copy(update={"folder": folder})
    update = {"pack": str(subject.pack), "voice_cache": cache}
    return subject.settings.model_copy(update=update)


def fit(cases: Sequence[Case], engines: Engines) -> list[Case]:
    """Some that are answered when typed: what goes wrong then is the hearing's."""
    found: list[Case] = []
    for case in cases:
        if len(found) < MOST and is_right(engines.dialogue, case):
            found.append(case)
    return found


def try_some(cases: Sequence[Case], engines: Engines, settings: Settings) -> list[Asked]:
    """Until one is answered."""
    asked: list[Asked] = []
    for case in cases:
        asked.append(ask(case, engines, settings))
        if asked[-1].right:
            break
    return asked


def ask(case: Case, engines: Engines, settings: Settings) -> Asked:
    """Say it, and let the kiosk hear it. What it understood is compared, and not kept."""
    question = sound_of(list(engines.speaking.sounds(case.text)))
    brief = replace(engines, speaking=Brief(engines.speaking))
    heard = replay_sound(question, brief, assembly.endpoint_settings(settings))
    # Whoever reads the question aloud pauses at a comma; the last turn has heard all of it.
    turn, sounds = heard.turns[-1], heard.sounds[-1]
    right = kind_of(case, turn.reply) == "right"
    return Asked(right, bool(sounds), turn.timing.end_of_speech_to_first_audio)


def sound_of(sounds: Sequence[Sound]) -> NDArray[np.int16]:
    """16 kHz, with silence around it."""
    silence = np.zeros(round(AROUND_S * FRAME_RATE_HZ), np.int16)
    pieces = [
        soxr.resample(sound.pcm.astype(np.float32), sound.rate_hz, FRAME_RATE_HZ)
        for sound in sounds
    ]
    speech = np.clip(np.round(np.concatenate(pieces or [silence])), -32768, 32767)
    return np.concatenate([silence, speech.astype(np.int16), silence])


def judge(asked: Sequence[Asked]) -> Row:
    """The last one must be right, and said."""
    last = asked[-1] if asked else Asked(right=False, spoken=False, latency_ms=0.0)
    figures: dict[str, Figure] = {
        "asked": len(asked),
        "right": sum(each.right for each in asked),
        "latency_ms": round(last.latency_ms),
    }
    verdict: Verdict = "ok"
    found = f"第 {len(asked)} 问答对，{last.latency_ms / 1000:.1f} 秒后出声"
    mend = ""
    if not (last.right and last.spoken):
        verdict = "fail"
        mend = "语音模型可能损坏：运行 kiosk models list 查看，重新安装后再查一次"
        found = "听懂了，但没有出声" if last.right else f"问了 {len(asked)} 次，都没有答对"
        found = found if asked else "没有一问能用文字答对，语音没有再试"
    elif last.latency_ms > SLOW_MS:
        verdict = "warn"
        mend = "太慢：检查散热和供电；程序正在服务时先停下再查，仍慢时换用较小的模型"
    elif len(asked) > 1:
        verdict = "warn"
        mend = "再查一次；仍不行时请技术支持查看语音识别模型"
    return Row("self_question", verdict, TITLE, found, mend, figures)
