"""The rule of a wake word: what it is fitted to, and how."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.base import EAR_RATE_HZ, Samples
from terminal.training import wake_rule
from terminal.training.speak import Tone
from terminal.training.wake_clips import Clip, Kind, Take
from terminal.training.wake_rule import Heard
from terminal.waking import PHRASE, Rule
from tests.fakes import FakeWake

POLITE = "您好小政"


class LoudJudge:
    """Loud is the phrase."""

    def logit(self, audio: Samples) -> float:
        return 20.0 * float(np.abs(audio).max()) - 10.0


def take(kind: Kind, text: str, loud: float) -> Take:
    clip = Clip(7, kind, text, Tone("a", "b", 0.5), 1.0)
    return clip, np.full(EAR_RATE_HZ * 3 // 2, loud, np.float32)


def heard(form: str, *odds: float, noisy: bool = False) -> Heard:
    return Heard(form, noisy, tuple((0.5, each) for each in odds))


def test_every_look_is_seen_and_none_is_taken() -> None:
    quiet, loud = (np.full(EAR_RATE_HZ, level, np.float32) for level in (0.1, 0.9))
    pause = np.zeros(4 * EAR_RATE_HZ, np.float32)
    sound = np.concatenate([loud, pause, quiet])
    looks = wake_rule.looks(sound, FakeWake(), LoudJudge())
    assert len(looks) >= 2
    assert looks[0][1] > 0.0 > looks[-1][1]
    assert all(0.0 < score <= 1.0 for score, _ in looks)


def test_clips_are_heard_clean_and_in_babble_and_talk_is_not() -> None:
    takes = [
        take("phrase", "你好，小政。", 0.9),
        take("phrase", "您好小政！", 0.9),
        take("near", "您好小王。", 0.2),
        take("talk", "你好小政办", 0.2),
    ]
    found = wake_rule.hear(PHRASE, takes, [takes[-1][1]], FakeWake, LoudJudge())
    assert len(found) == 3 * 2 * len(wake_rule.SPEEDS)
    assert [(each.form, each.noisy) for each in found[:6]] == [
        (form, noisy) for form in (PHRASE, POLITE, "") for noisy in (False, True)
    ]
    assert all(each.looks for each in found)
    assert not any(each.noisy for each in wake_rule.hear(PHRASE, takes, [], FakeWake, LoudJudge()))


def test_it_stands_between_the_phrase_and_its_near_misses() -> None:
    every = [
        *(heard(PHRASE, odds) for odds in (1.0, 3.0, 4.0)),
        *(heard(POLITE, -5.0, odds, noisy=True) for odds in (2.0, 5.0)),
        *(heard("", odds) for odds in (-2.0, -3.0, 0.0)),
        heard(""),
    ]
    rule = wake_rule.fitted(every)
    assert rule is not None
    assert rule.by_check > 0.0
    assert wake_rule.missed(every, PHRASE, rule, noisy=False) == (0, 3)
    assert wake_rule.missed(every, POLITE, rule, noisy=True) == (0, 2)
    assert wake_rule.taken(every, rule) == (0, 4)
    # Midway between the worst of each.
    assert rule.odds(0.5, 0.5) == pytest.approx(0.0, abs=1e-6)


def test_where_they_overlap_the_figures_that_must_be_reached_decide() -> None:
    """A near miss more of 50 is as bad as a miss of 20 is."""
    phrase = [heard(PHRASE, 4.0, noisy=True) for _ in range(19)]
    near = [heard("", -4.0) for _ in range(39)]
    every = [*phrase, heard(PHRASE, -1.0, noisy=True), *near, heard("", 1.0)]
    rule = wake_rule.fitted(every)
    assert rule is not None
    assert wake_rule.missed(every, PHRASE, rule, noisy=True) == (1, 20)
    assert wake_rule.taken(every, rule) == (0, 40)


def test_what_was_never_looked_at_is_not_the_phrase() -> None:
    assert heard(PHRASE).odds(Rule(100.0, 1.0, 1.0)) == -math.inf
    assert wake_rule.fitted([heard(PHRASE), heard("", 1.0)]) is None
    assert wake_rule.fitted([]) is None
