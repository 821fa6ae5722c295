"""The ears of an idle kiosk: they hear one phrase, and remember three seconds for it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from models.base import Samples, WakeDetector
from terminal.endpoint import FRAME_S
from terminal.waking import Look, WakeSettings, verdict

log = logging.getLogger(__name__)

REMEMBERED_FRAMES = round(3.0 / FRAME_S)
LOOK_FRAMES = round(2.4 / FRAME_S)
"""Recognised to confirm the phrase: it takes 0.7 to 1.9 s."""
SETTLED_FRAMES = round(0.16 / FRAME_S)
"""A score that has not risen for so long has had its peak: two steps of the detector."""
REST_FRAMES = round(1.0 / FRAME_S)
"""Behind a look that was for nothing: the same sound is not looked at twice."""


@dataclass(frozen=True, slots=True)
class Call:
    """The phrase was said."""

    before: list[Samples]
    """Frames up to the phrase's end and at most 0.2 s more; it begins somewhere in them."""
    after: list[Samples]
    """Frames behind it, up to now."""


class Watchword:
    """Takes frame after frame; keeps the last seconds in memory, until it is told to forget."""

    def __init__(
        self,
        detector: WakeDetector,
        look: Callable[[Samples], Future[Look]],
        settings: WakeSettings,
    ) -> None:
        """`look`: begin the second look at float32 16 kHz."""
        self._detector = detector
        self._begin = look
        self._settings = settings
        self._ring: deque[Samples] = deque(maxlen=REMEMBERED_FRAMES)
        self.score = 0.0
        """The detector's latest."""
        self.highest = 0.0
        """The highest of this candidate; 0 where there is none."""
        self._since_peak = 0
        """Frames; what was said behind the phrase is in them."""
        self._look: Future[Look] | None = None
        self._rest = 0

    def push(self, samples: Samples) -> Call | None:
        """Take the next frame, float32 [512]; whether the phrase was said."""
        score = self.score = self._detector.push(samples)
        self._ring.append(samples)
        self._since_peak += 1
        if self._look is not None:
            return self._judge(self._look)
        self._rest = max(0, self._rest - 1)
        if score >= self._settings.candidate and score > self.highest and not self._rest:
            self.highest, self._since_peak = score, 0
        if self.highest >= self._settings.sure or (
            self.highest > 0.0 and self._since_peak >= SETTLED_FRAMES
        ):
            self._look = self._begin(np.concatenate(list(self._ring)[-LOOK_FRAMES:]))
            return self._judge(self._look)
        return None

    def forget(self) -> None:
        """Forget all sound."""
        self._drop_look()
        for samples in self._ring:
            samples.fill(0.0)
        self._ring.clear()
        self._detector.reset()
        self._rest = 0

    def _judge(self, look: Future[Look]) -> Call | None:
        if not look.done():
            return None
        score, behind = self.highest, self._since_peak
        self._drop_look()
        if not verdict(score, _found(look)):
            self._rest = REST_FRAMES
            return None
        heard = list(self._ring)
        behind = min(behind, len(heard))
        self._ring.clear()
        self._detector.reset()
        return Call(heard[: len(heard) - behind], heard[len(heard) - behind :])

    def _drop_look(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None
        self.highest = 0.0
        self._since_peak = 0


def _found(look: Future[Look]) -> Look:
    """Nothing, where the recogniser broke."""
    error = look.exception()
    if error is None:
        return look.result()
    log.error("recognition failed", exc_info=error)
    return Look()
