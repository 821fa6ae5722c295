"""Telling a person how a long transfer goes: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO, TypeAlias

Meter: TypeAlias = Callable[[int], None]
"""Takes the bytes done so far."""

PLAIN_EVERY_S = 10.0
"""A log on a slow line should show life without filling up."""


class Reporter(Protocol):
    """Where a pull says how it goes."""

    def line(self, text: str) -> None:
        """Say one thing."""
        ...

    def meter(self, what: str, total: int | None) -> AbstractContextManager[Meter]:
        """Follow a transfer of `total` bytes (None: not known)."""
        ...


class Silent:
    """Says nothing: for callers that only want the outcome."""

    def line(self, text: str) -> None:
        """Drop it."""

    @contextmanager
    def meter(self, what: str, total: int | None) -> Iterator[Meter]:
        """Drop it."""
        yield lambda _: None


class Plain:
    """Lines for a log or a pipe."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock

    def line(self, text: str) -> None:
        """Print it."""
        print(text, file=self._out, flush=True)

    @contextmanager
    def meter(self, what: str, total: int | None) -> Iterator[Meter]:
        """Print a line when it begins and every ten seconds."""
        of = f" of {megabytes(total)}" if total else ""
        self.line(f"{what}, {megabytes(total)}" if total else what)
        last = self._clock()

        def show(done: int) -> None:
            nonlocal last
            if self._clock() - last >= PLAIN_EVERY_S:
                last = self._clock()
                self.line(f"{what}: {megabytes(done)}{of}")

        yield show


def for_stderr() -> Reporter:
    """The fitting reporter for this process's standard error."""
    if not sys.stderr.isatty():
        return Plain(sys.stderr)
    # Only here, because rich takes as long to import as a model to be located.
    from models.progress_bar import Bars

    return Bars()


def megabytes(count: int) -> str:
    """`count` bytes as a person reads them: 145.2 MB, 12 kB."""
    if count < 1_000_000:
        return f"{count / 1_000:.0f} kB" if count >= 1_000 else f"{count} bytes"
    return f"{count / 1_000_000:.1f} MB"
