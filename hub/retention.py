"""What is kept no longer: texts of citizens soon, events later; open tickets never."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult, delete, select, tuple_, update

from fleet.errors import KioskError
from fleet.topics import EVENT_KINDS
from hub.context import Hub, Job, Part
from hub.database import Database
from hub.tables import Audit, Event, Refused, Ticket, Unanswered

LOG = logging.getLogger(__name__)
DAY_S = 86_400.0
AT_ONCE = 2000
"""Rows of one transaction: workers must not wait long."""
AUDIT_DAYS = 3650.0


@dataclass(frozen=True, slots=True)
class Keep:
    """Days."""

    events: float = 180.0
    text: float = 30.0
    kinds: Mapping[str, float] = field(default_factory=dict)
    """For kinds of events that are kept longer, or shorter, than others."""


def part(hub: Hub) -> Part:
    """Daily."""
    keep = Keep(hub.keep_days, hub.keep_text_days, hub.keep_kinds)
    return Part(
        jobs=[Job("retention", DAY_S, lambda: log(forget(hub.database, keep, hub.clock())))]
    )


def kinds(told: Iterable[str]) -> dict[str, float]:
    """From KIND=DAYS each; KioskError says what is wrong with one."""
    found: dict[str, float] = {}
    for each in told:
        kind, _, days = each.partition("=")
        if kind not in EVENT_KINDS or not days.isdecimal() or int(days) < 1:
            mend = f"give KIND=DAYS, whole days from 1, KIND one of {', '.join(EVENT_KINDS)}"
            raise KioskError("input", f"--keep {each}: {mend}")
        found[kind] = float(days)
    return found


def forget(database: Database, keep: Keep, now: float) -> dict[str, int]:
    """Delete what is over; how many rows of what."""
    text_before, before = now - keep.text * DAY_S, now - keep.events * DAY_S
    with database.write() as session:
        texts = session.execute(
            update(Unanswered)
            .where(Unanswered.received < text_before, Unanswered.text.is_not(None))
            .values(text=None, meaning=None)
        )
        stories = session.execute(
            update(Ticket)
            .where(Ticket.received < text_before, Ticket.closed.is_not(None))
            .values(story=[])
        )
        questions = session.execute(delete(Unanswered).where(Unanswered.received < before))
        tickets = session.execute(
            delete(Ticket).where(Ticket.received < before, Ticket.closed.is_not(None))
        )
        session.execute(delete(Refused).where(Refused.at < text_before))
        session.execute(delete(Audit).where(Audit.at < now - AUDIT_DAYS * DAY_S))
        found = {
            "texts": _count(texts),
            "stories": _count(stories),
            "unanswered": _count(questions),
            "tickets": _count(tickets),
        }
    events = 0
    for kind in EVENT_KINDS:
        events += _events(database, kind, now - keep.kinds.get(kind, keep.events) * DAY_S)
    return found | {"events": events}


def log(found: Mapping[str, int]) -> None:
    """One line, if there is something to say."""
    if any(found.values()):
        LOG.info("retention: %s", ", ".join(f"{count} {what}" for what, count in found.items()))


def _events(database: Database, kind: str, before: float) -> int:
    """Bit by bit."""
    deleted = 0
    key = (Event.device, Event.boot, Event.seq)
    old = select(*key).where(Event.kind == kind, Event.received < before).limit(AT_ONCE)
    while True:
        with database.write() as session:
            found = _count(session.execute(delete(Event).where(tuple_(*key).in_(old))))
        deleted += found
        if found < AT_ONCE:
            return deleted


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
