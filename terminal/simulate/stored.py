"""The hub's database as the judge sees it: read only, by plain SQL, when all is quiet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from terminal.errors import KioskError
from terminal.simulate.history import EventId, unanswered_mark
from terminal.simulate.judge import Stored

EVENTS = "select device, boot, seq from events where device like '{prefix}%'"
TICKETS = "select ticket from tickets where device like '{prefix}%'"
UNANSWERED = "select device, at from unanswered where device like '{prefix}%'"
COUNT = "select count(*) from events where device like '{prefix}%'"

Ask = Callable[[str], Sequence[Any]]


def stored(url: str, prefixes: Iterable[str]) -> Stored:
    """All events and effects of the kiosks whose ids begin with one of them."""
    events: list[EventId] = []
    effects: list[str] = []
    with closing(_open(url)) as connection:
        for prefix in prefixes:
            ask = _asker(connection, prefix)
            events += [EventId(*row) for row in ask(EVENTS)]
            effects += [f"ticket/{ticket}" for (ticket,) in ask(TICKETS)]
            effects += [unanswered_mark(device, at) for device, at in ask(UNANSWERED)]
    return Stored(events, effects)


def count(url: str, prefix: str) -> int:
    """Of events."""
    with closing(_open(url)) as connection:
        return int(_asker(connection, prefix)(COUNT)[0][0])


def _asker(connection: Any, prefix: str) -> Ask:
    def ask(statement: str) -> Sequence[Any]:
        return list(connection.execute(statement.format(prefix=prefix)))

    return ask


def _open(url: str) -> Any:
    kind, _, rest = url.partition("://")
    if kind == "sqlite":
        return sqlite3.connect(f"file:{Path(rest.removeprefix('/'))}?mode=ro", uri=True)
    if kind.startswith("postgres"):
        import psycopg

        return psycopg.connect(f"postgresql://{rest}", autocommit=True)
    raise KioskError("input", f"database {kind}: sqlite or postgresql")
