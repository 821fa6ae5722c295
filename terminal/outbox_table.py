"""The outbox's tables: what a row is, and the SQL to it. Functions of an open connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fleet.messages import Event
from fleet.topics import EventKind

WORTH: Mapping[EventKind, int] = {
    "log": 0,
    "quality": 0,
    "session": 1,
    "rating": 2,
    "unanswered": 3,
    "audit": 4,
    "ticket": 5,
}
"""What is dropped first when there is no room: the least."""
ROW_BYTES = 64
"""What a row costs beside its record, about."""
DEAD_EVENTS = 200
"""Refused by the hub, and kept for whoever looks why."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  boot INTEGER, seq INTEGER, kind TEXT NOT NULL, at REAL NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (boot, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_by_kind ON events (kind, boot, seq);
CREATE TABLE IF NOT EXISTS dead (
  boot INTEGER, seq INTEGER, kind TEXT NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (boot, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL,
  detail TEXT NOT NULL, told INTEGER NOT NULL) WITHOUT ROWID;
"""

_SUM = "SELECT count(*), coalesce(sum(length(body)), 0) FROM events"
_SPAN = "WHERE boot = ? AND seq BETWEEN ? AND ?"


class EventId(NamedTuple):
    """Unique for ever within a kiosk."""

    boot: int
    seq: int


@dataclass(frozen=True, slots=True)
class Row:
    """A record on its way."""

    id: EventId
    kind: EventKind
    at: float
    body: bytes
    """JSON."""

    @property
    def size(self) -> int:
        """What it counts against the cap."""
        return len(self.body) + ROW_BYTES


def event(row: Row) -> Event:
    """As it travels."""
    fields = (*row.id, row.at, row.body)
    return Event.model_validate_json(b'{"boot":%d,"seq":%d,"at":%.3f,"body":%b}' % fields)


def get(db: sqlite3.Connection, key: str) -> str | None:
    """A word that was kept."""
    found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else str(found[0])


def put(db: sqlite3.Connection, key: str, value: str | None) -> None:
    """Keep a word; None: forget it."""
    if value is None:
        db.execute("DELETE FROM meta WHERE key = ?", (key,))
    else:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def totals(db: sqlite3.Connection) -> tuple[int, int]:
    """How many events wait, and what they count against the cap."""
    count, size = db.execute(_SUM).fetchone()
    return count, size + count * ROW_BYTES


def insert(db: sqlite3.Connection, row: Row) -> None:
    """A new event."""
    values = (row.id.boot, row.id.seq, row.kind, row.at, row.body)
    db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", values)


def oldest(db: sqlite3.Connection, kind: EventKind, limit: int) -> list[Row]:
    """Of one kind."""
    query = "SELECT boot, seq, at, body FROM events WHERE kind = ? ORDER BY boot, seq LIMIT ?"
    found = db.execute(query, (kind, limit)).fetchall()
    return [Row(EventId(boot, seq), kind, at, body) for boot, seq, at, body in found]


def drop(db: sqlite3.Connection, each: EventId) -> None:
    """For want of room."""
    db.execute("DELETE FROM events WHERE boot = ? AND seq = ?", each)


def cheapest(db: sqlite3.Connection, worth: int, wanted: int) -> tuple[list[EventId], int]:
    """The oldest of what is worth least, and no more than `worth`, until `wanted` bytes are free.

    How many bytes that frees is the second part.
    """
    gone: list[EventId] = []
    freed = 0
    for kind in sorted((kind for kind in WORTH if WORTH[kind] <= worth), key=WORTH.__getitem__):
        query = "SELECT boot, seq, length(body) FROM events WHERE kind = ? ORDER BY boot, seq"
        for boot, seq, length in db.execute(query, (kind,)):
            if freed >= wanted:
                return gone, freed
            gone.append(EventId(boot, seq))
            freed += length + ROW_BYTES
    return gone, freed


def settle(
    db: sqlite3.Connection, boot: int, first: int, last: int, *, refused: bool
) -> tuple[int, int]:
    """Forget a range, or set it apart if it was refused; how many, and the bytes freed."""
    span = (boot, first, last)
    count, size = db.execute(f"{_SUM} {_SPAN}", span).fetchone()
    if refused:
        copy = f"INSERT OR IGNORE INTO dead SELECT boot, seq, kind, body FROM events {_SPAN}"  # noqa: S608
        db.execute(copy, span)
        db.execute(
            "DELETE FROM dead WHERE (boot, seq) NOT IN"
            " (SELECT boot, seq FROM dead ORDER BY boot DESC, seq DESC LIMIT ?)",
            (DEAD_EVENTS,),
        )
    db.execute(f"DELETE FROM events {_SPAN}", span)  # noqa: S608
    return count, size + count * ROW_BYTES


def dead(db: sqlite3.Connection) -> list[tuple[EventId, str]]:
    """Id and kind of what the hub refused."""
    rows = db.execute("SELECT boot, seq, kind FROM dead ORDER BY boot, seq").fetchall()
    return [(EventId(boot, seq), kind) for boot, seq, kind in rows]
