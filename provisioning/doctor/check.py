"""Checks one after another, each with its time: one that hangs or breaks is one line of the report.

A check that is late is left behind on its thread: a driver that hangs cannot be called back.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from fleet.errors import KioskError
from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject

log = logging.getLogger(__name__)

SEEK_HELP = "重做一次；仍不行时把日志交给技术支持"


class Look(Protocol):
    """Measures, judges by functions that need no device, and says what it found."""

    def __call__(self, subject: Subject, /) -> Iterable[Row]:
        """May raise anything: that is told as a failure of this check alone."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """A look, and what is to be known of it beforehand."""

    id: str
    """The beginning of its rows' ids."""
    title: str
    look: Look
    limit_s: float = 10.0
    quick: bool = False
    """Part of `--quick`."""


def chosen(
    checks: Sequence[Check], *, only: Sequence[str], skip: Sequence[str], quick: bool
) -> list[Check]:
    """Those asked for; KioskError for an id that is none."""
    known = {check.id for check in checks}
    for each in (*only, *skip):
        if each not in known:
            raise KioskError("input", f"no check {each!r}: choose of {', '.join(sorted(known))}")
    return [
        check
        for check in checks
        if (check.id in only if only else check.quick or not quick) and check.id not in skip
    ]


def examine(
    checks: Iterable[Check], subject: Subject, begin: Callable[[Check], None] = lambda _: None
) -> Iterator[Row]:
    """Rows as they come. `begin`: is told of each check before it is made."""
    for check in checks:
        begin(check)
        yield from _examined(check, subject)


def _examined(check: Check, subject: Subject) -> Iterator[Row]:
    found: queue.SimpleQueue[Row | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            for row in check.look(subject):
                found.put(row)
            found.put(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends this check alone
            found.put(error)

    threading.Thread(target=work, name=check.id, daemon=True).start()
    deadline = time.monotonic() + check.limit_s
    while True:
        try:
            got = found.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            yield _late(check)
            return
        if got is None:
            return
        if isinstance(got, Exception):
            yield _broken(check, got)
            return
        yield got


def _late(check: Check) -> Row:
    log.error("%s: not done after %.0f s", check.id, check.limit_s)
    said = f"{check.limit_s:.0f} 秒内没有完成"
    return Row(check.id, "fail", check.title, said, SEEK_HELP, {"limit_s": check.limit_s})


def _broken(check: Check, error: Exception) -> Row:
    log.error("%s: %s", check.id, error, exc_info=None if isinstance(error, KioskError) else error)
    told = error.message if isinstance(error, KioskError) else f"{type(error).__name__}: {error}"
    return Row(check.id, "fail", check.title, "检查没有完成", SEEK_HELP, {"error": told[:300]})
