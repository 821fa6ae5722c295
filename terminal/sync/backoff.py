"""How long to wait before the next try: longer each time, and by chance.

A broker that comes back must not meet all its kiosks in one second.
"""

from __future__ import annotations

import random
from collections.abc import Callable

LEAST_S = 0.5


class Backoff:
    """Draws from a window that doubles with each try."""

    def __init__(
        self, first_s: float, most_s: float, draw: Callable[[], float] = random.random
    ) -> None:
        """`first_s`: the first window; it grows to `most_s`. `draw`: evenly from 0..1."""
        self._first_s = first_s
        self._most_s = most_s
        self._draw = draw
        self._window_s = first_s

    def next_s(self) -> float:
        """Seconds to wait, anywhere in the window."""
        wait_s = LEAST_S + self._draw() * (self._window_s - LEAST_S)
        self._window_s = min(self._most_s, self._window_s * 2)
        return wait_s

    def reset(self) -> None:
        """It worked."""
        self._window_s = self._first_s
