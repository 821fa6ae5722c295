"""A log that no broken disk can flood: what repeats is counted, and told now and then."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

BURST = 5
"""So many lines of a kind are let through in `WINDOW_S`."""
WINDOW_S = 3600.0
KINDS = 500
"""Counted at most; beyond it the count begins anew."""


@dataclass(slots=True)
class _Kind:
    since: float
    lines: int = 0


class Repeats(logging.Filter):
    """For a handler. A kind is one place in the program: words that differ in it are the same."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; the first one after a window says how many were not."""
        now = self._clock()
        key = (record.name, record.levelno, str(record.msg))
        kind = self._kinds.get(key)
        if kind is None or now - kind.since >= WINDOW_S:
            left_out = max(0, kind.lines - BURST) if kind is not None else 0
            if left_out:
                record.msg = f"{record.getMessage()} (and {left_out} more like it before)"
                record.args = None
            if len(self._kinds) >= KINDS:
                self._kinds.clear()
            kind = self._kinds[key] = _Kind(now)
        kind.lines += 1
        return kind.lines <= BURST
