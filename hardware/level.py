"""How loud a microphone is, whether it is turned up too far, and whether it is dead. Pure."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

LEVEL_S = 0.4
"""The level's window: about two syllables."""
FULL_SCALE = 32_700
"""Converters and their filters stop a little below 32767."""
CLIPPING_S, CLIPPING_SHARE = 3.0, 0.002
"""A blow against the microphone reaches full scale in a few samples; speech that is too loud for
it does in several of a thousand."""
DEAD_S = 2.5
"""Exact zeros for so long: no converter gives them, only a switch, or a driver that hangs."""
QUIETEST_DBFS = -100.0


class Meter:
    """Takes what a microphone gives, at its own rate."""

    def __init__(self) -> None:
        self.dead_s = 0.0
        """Seconds of exact zeros, up to now."""
        self._powers: deque[tuple[float, float]] = deque()
        """Of the last moments: seconds and mean square."""
        self._clipped: deque[tuple[float, float]] = deque()
        """Of the last seconds: seconds and share of samples at full scale."""

    def push(self, pcm: NDArray[np.int16], rate_hz: int) -> None:
        """pcm: int16 [n, channels]."""
        seconds = len(pcm) / rate_hz
        if not seconds:
            return
        sound = pcm.astype(np.float64) / 32768.0
        self.dead_s = 0.0 if pcm.any() else self.dead_s + seconds
        _keep(self._powers, seconds, float(np.mean(sound * sound)), LEVEL_S)
        wide = np.abs(pcm.astype(np.int32)) >= FULL_SCALE
        _keep(self._clipped, seconds, float(wide.mean()), CLIPPING_S)

    @property
    def dbfs(self) -> float:
        """Short-term level; 0 is a full-scale square wave."""
        power = _mean(self._powers)
        return max(QUIETEST_DBFS, 10 * math.log10(power)) if power else QUIETEST_DBFS

    @property
    def clips(self) -> bool:
        """Whether the microphone is turned up too far."""
        return _mean(self._clipped) > CLIPPING_SHARE

    @property
    def is_dead(self) -> bool:
        """Whether there is no microphone behind the stream."""
        return self.dead_s >= DEAD_S


def _keep(past: deque[tuple[float, float]], seconds: float, value: float, window_s: float) -> None:
    past.append((seconds, value))
    while sum(each[0] for each in past) - past[0][0] >= window_s:
        past.popleft()


def _mean(past: deque[tuple[float, float]]) -> float:
    whole_s = sum(seconds for seconds, _ in past)
    return sum(seconds * value for seconds, value in past) / whole_s if past else 0.0
