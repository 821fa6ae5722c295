"""Which kiosks are let in: those enrolled, or, where the registry is open, all that come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.tables import Kiosk

SEEN_EVERY_S = 30.0
"""So often a kiosk's `seen` is written at most."""
SELF = "itself"
"""Who added a kiosk that came by itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a kiosk at the door."""

    revoked: bool
    seen: float
    dropped: int


def look_up(
    session: Session, devices: Iterable[str], now: float, open_registry: bool
) -> dict[str, Entry]:
    """Those of `devices` that are in the registry; with `open_registry` all of them."""
    asked = sorted(set(devices))
    found = _known(session, asked)
    new = [device for device in asked if device not in found]
    if open_registry and new:
        enter(session, new, now)
        found = _known(session, asked)
    return found


def enter(session: Session, devices: Iterable[str], now: float, by: str = SELF) -> None:
    """Into the registry, those that are not in it. In order: two workers must not deadlock."""
    rows = [{"device": device, "added": now, "added_by": by} for device in sorted(devices)]
    session.execute(insert_new(session, Kiosk), rows)


def insert_new(session: Session, table: type) -> sqlite.Insert | postgresql.Insert:
    """Insert that leaves what is there as it is."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def saw(
    session: Session, entries: Mapping[str, Entry], dropped: Mapping[str, int], now: float
) -> None:
    """Note that kiosks were heard of, and how many events each of `dropped` says it lost."""
    stale = [
        {"device": device, "seen": now, "dropped": max(dropped[device], entries[device].dropped)}
        for device in sorted(dropped)
        if now - entries[device].seen >= SEEN_EVERY_S or dropped[device] > entries[device].dropped
    ]
    if stale:
        session.execute(update(Kiosk), stale)


def _known(session: Session, devices: list[str]) -> dict[str, Entry]:
    # On the connection, and one parameter for all names: a list of them is new text for each
    # number of names, which SQLAlchemy and psycopg would take apart every time.
    columns = select(Kiosk.device, Kiosk.revoked, Kiosk.seen, Kiosk.dropped)
    if session.get_bind().dialect.name == "sqlite":
        asked = columns.where(Kiosk.device.in_(text("SELECT value FROM json_each(:names)")))
        names: object = json.dumps(devices)
    else:
        asked = columns.where(text("device = ANY(:names)"))
        names = devices
    rows = session.connection().execute(asked, {"names": names})
    return {device: Entry(revoked is not None, seen, lost) for device, revoked, seen, lost in rows}
