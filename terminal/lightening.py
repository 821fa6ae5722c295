"""How much the kiosk works while its machine is hot or its supply weak. Pure: time is passed in.

A machine that slows itself down makes everybody wait; what can wait is left out before that, and a
kiosk that is too hot all the same rests. Every step back takes longer, or cooler, than the step
there: a level that flickers would be worse than either.
"""

from __future__ import annotations

from typing import Literal

from hardware.thermal import Thermal

Level = Literal["normal", "light", "lighter", "too_hot"]
"""light: nothing is made in advance, half the camera's pictures are looked at. lighter: and a
question is recognised once, at its end. too_hot: out of service."""

COOLER_C = 5.0
"""So much below a limit it counts as passed no more."""
TOO_HOT_FOR_S = 120.0
"""A sunbeam, or one long answer, is over by then."""
STEADY_S = 60.0
"""Without being throttled; a weak supply fails again at the next load."""


class Lightening:
    """Of one machine."""

    def __init__(self, hot_c: float, too_hot_c: float) -> None:
        self._hot_c = hot_c
        self._too_hot_c = too_hot_c
        self._hot = False
        self._too_hot_since: float | None = None
        self._rests = False
        self._throttled_at = float("-inf")
        self.level: Level = "normal"

    def see(self, thermal: Thermal, now: float) -> Level:
        """Take a reading; the level from now on. Where nothing can be read, nothing is hot."""
        if thermal.throttled:
            self._throttled_at = now
        celsius = float("-inf") if thermal.celsius is None else thermal.celsius
        self._hot = _passes(celsius, self._hot_c, before=self._hot)
        self._see_too_hot(celsius, now)
        self.level = self._judge(now)
        return self.level

    def _see_too_hot(self, celsius: float, now: float) -> None:
        passed = _passes(celsius, self._too_hot_c, before=self._too_hot_since is not None)
        if not passed:
            self._too_hot_since = None
        elif self._too_hot_since is None:
            self._too_hot_since = now
        since = self._too_hot_since
        self._rests = since is not None and now - since >= TOO_HOT_FOR_S

    def _judge(self, now: float) -> Level:
        if self._rests:
            return "too_hot"
        if self._too_hot_since is not None or now - self._throttled_at < STEADY_S:
            return "lighter"
        return "light" if self._hot else "normal"


def _passes(celsius: float, limit_c: float, *, before: bool) -> bool:
    return celsius > limit_c - COOLER_C if before else celsius >= limit_c
