"""Who is in front of a kiosk without a camera: a motion sensor's levels in, presence events out.

Pure: time is passed in. A sensor sees movement only, so somebody counts as gone when nothing has
moved for longer than people stand still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from terminal.events import PersonArrived, PersonLeft


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """Seconds."""

    dwell_s: float = 0.6
    """Movement for so long is somebody who stops, or walks past slowly: it cannot be told."""
    left_s: float = 20.0
    """Without movement; who reads stands nearly still."""
    cool_down_s: float = 8.0
    """Least time between two greetings."""


class Motion:
    """Turns levels into arrivals and departures."""

    def __init__(self, settings: MotionSettings) -> None:
        self._settings = settings
        self._began_at: float | None = None
        self._moved_at = -math.inf
        self._greeted_at = -math.inf
        self.occupied = False
        """Somebody is there."""

    def see(self, moves: bool, at: float) -> PersonArrived | PersonLeft | None:
        """Take the level at `at`, seconds of any clock that only rises."""
        if not moves:
            self._began_at = None
            return self._maybe_left(at)
        self._moved_at = at
        self._began_at = at if self._began_at is None else self._began_at
        if self.occupied or at - self._began_at < self._settings.dwell_s:
            return None
        self.occupied = True
        greet = at - self._greeted_at >= self._settings.cool_down_s
        self._greeted_at = at if greet else self._greeted_at
        return PersonArrived(greet=greet)

    def _maybe_left(self, at: float) -> PersonLeft | None:
        if not self.occupied or at - self._moved_at < self._settings.left_s:
            return None
        self.occupied = False
        return PersonLeft()
