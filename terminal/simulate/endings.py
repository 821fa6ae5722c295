"""A simulation that is told to end takes away what it started: servers, kiosks, mounted disks."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 143
"""As shells say it: 128 + SIGTERM."""
_BOTH = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def sigterm_as_interrupt() -> Iterator[threading.Event]:
    """SIGTERM interrupts as Ctrl-C does; the event tells afterwards that it was SIGTERM."""
    came = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        came.set()
        signal.raise_signal(signal.SIGINT)

    # A shell lets what it puts into the background ignore SIGINT; asyncio cancels in good order
    # only where it finds this handler.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield came
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def undisturbed() -> Iterator[None]:
    """For clearing away: whoever is impatient and says it again would leave half of it there."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in _BOTH]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
