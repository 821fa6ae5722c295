"""A bar for a person at a terminal who waits for a pull."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from models.progress import Meter


class Bars:
    """Draws on standard error, or on the `console` given. A models.progress.Reporter."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)

    def line(self, text: str) -> None:
        """Print it."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def meter(self, what: str, total: int | None) -> Iterator[Meter]:
        """Draw a bar that goes away when the transfer ends."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bars:
            task = bars.add_task(what, total=total)
            yield lambda done: bars.update(task, completed=done)
