"""Whether the kiosk is called: what the bench makes of clips, without models."""

from __future__ import annotations

import numpy as np

from models.base import EAR_RATE_HZ, Samples
from terminal.bench import wake as bench
from terminal.bench import wake_run
from terminal.bench.wake import Bench
from terminal.training.speak import Tone
from terminal.training.wake_clips import Clip, Kind, Take
from terminal.waking import PHRASE, Look, WakeSettings
from tests.fakes import FakeWake

LOW, HIGH = 0.1, 0.9
"""Loudness; the second look of these tests takes what is loud for the phrase."""


def look(audio: Samples) -> Look:
    return Look(check=6.0 if float(np.abs(audio).max()) > (LOW + HIGH) / 2 else -6.0)


def take(kind: Kind, text: str, loud: float) -> Take:
    clip = Clip(0, kind, text, Tone("a", "b", 0.5), 1.0)
    return clip, np.full(EAR_RATE_HZ * 3 // 2, loud, np.float32)


def work() -> Bench:
    return Bench(FakeWake(), look, WakeSettings())


def test_a_row_tells_when_it_was_called_and_how_often_it_looked() -> None:
    row = work().sound("a.wav", take("phrase", PHRASE, HIGH)[1])
    assert row.accepted
    assert 0.5 < row.at_s[0] < 2.5
    assert (row.candidates, row.seconds) == (1, 1.5)
    row = work().sound("b.wav", take("near", "你好小王", LOW)[1])
    assert not row.accepted
    assert row.candidates >= 1
    assert bench.an_hour([row, row]) == (0, 3 / 3600)


def test_the_polite_form_is_counted_apart() -> None:
    takes = [
        take("phrase", "你好小政。", LOW),
        take("phrase", "您好，小政！", HIGH),
        take("phrase", "你好，小政。", LOW),
        take("near", "您好小王。", HIGH),
    ]
    found = wake_run.called(takes, PHRASE)
    assert [(name, len(sounds)) for name, sounds in found] == [
        ("the phrase", 2),
        ("its polite form", 1),
    ]
    assert float(found[1][1][0][0]) == np.float32(HIGH)
    assert [name for name, _ in wake_run.called([], "小安小安")] == ["the phrase"]


def test_near_misses_that_were_taken_are_named() -> None:
    takes = [take("near", "你好小王。", LOW), take("near", "密好小政，", HIGH)]
    figure = wake_run.near(work(), takes, list)
    assert (figure.count, figure.figure) == (2, "accepted 50.0% 密好小政，")
