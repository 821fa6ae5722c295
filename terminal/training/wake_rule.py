"""The rule by which a wake word's detector and its check are weighed: fitted to clips left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hardware.base import FRAME_SAMPLES
from models.base import EAR_RATE_HZ, Samples, WakeDetector, WakeJudge
from models.evaluation import noise
from terminal.training.abreast import abreast
from terminal.training.ear_examples import stretched
from terminal.training.near_misses import forms
from terminal.training.wake_clips import Clip, Take
from terminal.waking import CERTAIN, Look, Rule, WakeSettings
from terminal.watchword import Watchword

SPEEDS = (0.93, 1.0, 1.07)
"""Each clip is heard at each, clean and in babble."""
BABBLE_DB = 10.0
BEHIND_S = 1.0
MOST_MISSED, MOST_TAKEN = 0.05, 0.02
"""What the figures must stay under: a form of the phrase in babble, near misses without."""
RIDGE = 1e-2
ROUNDS = 30

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """What both stages made of a clip."""

    form: str
    """The form of the phrase that was said; empty for a near miss."""
    noisy: bool
    looks: tuple[tuple[float, float], ...]
    """Score of the detector and log odds of the check, each time that the check was asked."""

    def odds(self, rule: Rule) -> float:
        """The highest; minus infinity where the check was never asked."""
        return max((rule.odds(*look) for look in self.looks), default=-math.inf)


def hear(
    phrase: str,
    takes: Sequence[Take],
    talk: Sequence[Samples],
    detector: Callable[[], WakeDetector],
    judge: WakeJudge,
) -> list[Heard]:
    """All of `takes` but the ordinary talk, clean and in babble of `talk`."""

    def one(scene: tuple[Clip, bool, Samples]) -> Heard:
        clip, noisy, sound = scene
        said = clip.text.replace("，", "")
        form = next((form for form in forms(phrase) if said.startswith(form)), "")
        return Heard(form if clip.kind == "phrase" else "", noisy, looks(sound, detector(), judge))

    return list(abreast(one, _scenes(takes, talk)))


def _scenes(takes: Sequence[Take], talk: Sequence[Samples]) -> Iterator[tuple[Clip, bool, Samples]]:
    said = [(clip, sound) for clip, sound in takes if clip.kind != "talk"]
    for speed in SPEEDS:
        for clip, sound in said:
            heard = stretched(sound, speed)
            yield clip, False, heard
            if talk:
                under = noise.babble(talk, len(heard), np.random.default_rng(clip.number))
                yield clip, True, noise.mixed(heard, under, BABBLE_DB)


def looks(
    sound: Samples, detector: WakeDetector, judge: WakeJudge
) -> tuple[tuple[float, float], ...]:
    """As the kiosk has them; no look is taken for the phrase, so that all are seen."""
    found = []

    def look(audio: Samples) -> Future[Look]:
        found.append((watch.highest, judge.logit(audio)))
        done: Future[Look] = Future()
        done.set_result(Look(check=-math.inf))
        return done

    watch = Watchword(detector, look, WakeSettings())
    heard = np.concatenate([sound, np.zeros(int(BEHIND_S * EAR_RATE_HZ), np.float32)])
    for at in range(0, len(heard) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        watch.push(heard[at : at + FRAME_SAMPLES].copy())
    return tuple(found)


def fitted(every: Sequence[Heard]) -> Rule | None:
    """None where too little of the phrase or of near misses struck the detector."""
    struck = [each for each in every if each.looks]
    called = np.array([bool(each.form) for each in struck])
    if not called.any() or called.all():
        return None
    surest = [max(each.looks, key=lambda look: look[1]) for each in struck]
    rows = np.array([[1.0, _log_odds(score), check] for score, check in surest])
    rule = Rule(*(float(weight) for weight in _logistic(rows, called.astype(np.float64))))
    return replace(rule, bias=_bias(every, rule))


def missed(every: Sequence[Heard], form: str, rule: Rule, *, noisy: bool) -> tuple[int, int]:
    """How many, of how many that said `form`."""
    odds = [each.odds(rule) for each in every if each.form == form and each.noisy == noisy]
    return sum(each < 0.0 for each in odds), len(odds)


def taken(every: Sequence[Heard], rule: Rule, *, noisy: bool = False) -> tuple[int, int]:
    """How many, of how many near misses."""
    odds = [each.odds(rule) for each in every if not each.form and each.noisy == noisy]
    return sum(each >= 0.0 for each in odds), len(odds)


def _log_odds(score: float) -> float:
    score = min(max(score, CERTAIN), 1 - CERTAIN)
    return math.log(score / (1 - score))


def _logistic(rows: Floats, called: Floats) -> Floats:
    """Weights of a logistic regression, both sides as heavy: Newton's method."""
    heavy = np.where(called == 1.0, 0.5 / called.mean(), 0.5 / (1 - called.mean()))
    weights = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (heavy * (likely - called)) + RIDGE * weights
        bend = (rows * (heavy * likely * (1 - likely))[:, None]).T @ rows
        weights = weights - np.linalg.solve(bend + RIDGE * np.eye(len(weights)), slope)
    return weights


def _bias(every: Sequence[Heard], rule: Rule) -> float:
    """With which the worst figure is furthest under what it must stay under; midway of such."""
    # No rule mends what the detector never heard.
    every = [each for each in every if each.looks or not each.form]
    odds = sorted({each.odds(rule) for each in every if each.looks})
    between = [odds[0] - 1.0, *((a + b) / 2 for a, b in pairwise(odds))]
    worst = [_worst(every, replace(rule, bias=rule.bias - each)) for each in between]
    best = [each for each, bad in zip(between, worst, strict=True) if bad <= min(worst)]
    return rule.bias - (best[0] + best[-1]) / 2


def _worst(every: Sequence[Heard], rule: Rule) -> float:
    """The worst figure, 1 where it is just as bad as it may be."""
    kinds = {(each.form, each.noisy) for each in every if each.form}
    counts = [missed(every, form, rule, noisy=noisy) for form, noisy in kinds]
    bad, near = taken(every, rule)
    return max(
        *(bad / whole / MOST_MISSED for bad, whole in counts), bad / max(1, near) / MOST_TAKEN
    )
