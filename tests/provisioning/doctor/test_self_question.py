"""The kiosk's voice asks, and the kiosk hears and answers."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.base import Sound
from provisioning.doctor import self_question
from provisioning.doctor.self_question import Asked
from provisioning.doctor.subject import Subject
from terminal.config import Settings

RIGHT = Asked(right=True, spoken=True, latency_ms=1200)
WRONG = Asked(right=False, spoken=True, latency_ms=1200)
SILENT = Asked(right=True, spoken=False, latency_ms=0)


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ([RIGHT], "ok"),
        ([WRONG, RIGHT], "warn"),
        ([WRONG, WRONG, WRONG], "fail"),
        ([SILENT], "fail"),
        ([Asked(right=True, spoken=True, latency_ms=4000)], "warn"),
        ([], "fail"),
    ],
)
def test_judgement(asked: list[Asked], verdict: str) -> None:
    row = self_question.judge(asked)
    assert row.verdict == verdict
    assert bool(row.mend) == (verdict != "ok")


def test_the_question_comes_at_the_ears_rate_with_silence_around_it() -> None:
    tone = (8000 * np.sin(np.arange(24_000) * 0.1)).astype(np.int16)
    sound = self_question.sound_of([Sound(tone, 24_000), Sound(tone, 24_000)])
    assert len(sound) == 2 * 16_000 + 16_000
    assert not sound[:8000].any()
    assert not sound[-8000:].any()
    assert np.abs(sound[8000:-8000]).max() == pytest.approx(8000, rel=0.01)


@pytest.mark.models
def test_the_kiosk_answers_its_own_voice() -> None:
    (row,) = self_question.look(Subject(Settings(), now=0.0))
    assert row.verdict in ("ok", "warn"), row
    assert row.figures["right"] == 1
    assert float(str(row.figures["latency_ms"])) > 0
