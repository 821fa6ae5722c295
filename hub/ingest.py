"""Events into the database, exactly once: a batch of messages is one transaction.

The primary key (device, boot, seq) makes a row happen once; tickets and unanswered questions come
of rows that were really new, in the same transaction. Only after the commit is anything told to a
kiosk: also of what was there already, since the last acknowledgement may have got lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from fleet.messages import Acknowledged, Event
from fleet.records import TicketRecord, UnansweredRecord
from hub import admission, reading, tables
from hub.bus import Message
from hub.database import Database
from hub.reading import Id, Reading, Rejection, Sort

EFFECTS = ("ticket", "unanswered")
Key = tuple[str, int, int]
_BAD_DATA = (DataError, IntegrityError)
"""Whatever else a database raises may pass, and must not cost an event."""


@dataclass(slots=True)
class Outcome:
    """What became of a batch; it is committed."""

    acks: list[Acknowledged] = field(default_factory=list)
    new: int = 0
    """Events that are in the database now, and were not before."""
    again: int = 0
    """Events that were there."""
    refused: int = 0
    """Events that can never be taken; their kiosk is told."""
    oldest: float | None = None
    """When the oldest of them was made, as its kiosk says."""
    rejections: list[Rejection] = field(default_factory=list)
    """Messages of which nothing was taken, and parts of messages, for whoever looks into it."""

    def add(self, other: Outcome) -> None:
        """Of a further part of the batch."""
        self.acks += other.acks
        self.new += other.new
        self.again += other.again
        self.refused += other.refused
        self.rejections += other.rejections
        self.oldest = min(
            (each for each in (self.oldest, other.oldest) if each is not None), default=None
        )


class Ingest:
    """Takes batches of messages."""

    def __init__(
        self, database: Database, clock: Callable[[], float], open_registry: bool = False
    ) -> None:
        self._database = database
        self._clock = clock
        self._open = open_registry

    def take(self, messages: Sequence[Message]) -> Outcome:
        """All of it. SQLAlchemyError: the database is away; nothing is told, call again."""
        read = [reading.read(message) for message in messages]
        readings = [each for each in read if isinstance(each, Reading)]
        outcome = Outcome(rejections=[each for each in read if isinstance(each, Rejection)])
        try:
            self._commit(readings, outcome)
        except _BAD_DATA:
            self._one_by_one(readings, outcome)
        return outcome

    def _one_by_one(self, readings: Iterable[Reading], outcome: Outcome) -> None:
        """Something in the batch is not to the database's taste: the rest must not suffer."""
        for each in readings:
            try:
                self._commit([each], outcome)
            except _BAD_DATA as error:
                ids = tuple((event.boot, event.seq) for event in each.events)
                reason = f"the database refuses it: {error.orig}"
                bad = Reading(each.device, (), ids + each.refused, reason, each.dropped)
                self._commit([bad], outcome)

    def _commit(self, readings: Sequence[Reading], outcome: Outcome) -> None:
        if not readings:
            return
        now = self._clock()
        told = Outcome()
        with self._database.write() as session:
            devices = {each.device for each in readings}
            entries = admission.look_up(session, devices, now, self._open)
            let_in = []
            for each in readings:
                entry = entries.get(each.device)
                if entry is not None and not entry.revoked:
                    let_in.append(each)
                    continue
                sort: Sort = "unknown" if entry is None else "revoked"
                told.rejections.append(Rejection(sort, f"{sort} kiosk", each.device))
            self._store(session, let_in, now, told)
            dropped: dict[str, int] = {}
            for each in let_in:
                dropped[each.device] = max(each.dropped, dropped.get(each.device, 0))
            admission.saw(session, entries, dropped, now)
        told.acks = _acks(let_in)
        outcome.add(told)

    def _store(
        self, session: Session, readings: Sequence[Reading], now: float, told: Outcome
    ) -> None:
        events: dict[Key, Event] = {}
        for each in readings:
            for event in each.events:
                events.setdefault((each.device, event.boot, event.seq), event)
            if each.refused:
                told.refused += len(each.refused)
                told.rejections.append(Rejection("malformed", each.reason, each.device))
        told.oldest = min((event.at for event in events.values()), default=None)
        # In order of their keys: two workers that store the same events must not deadlock.
        keys = sorted(events)
        plain = [key for key in keys if events[key].body.kind not in EFFECTS]
        special = [key for key in keys if events[key].body.kind in EFFECTS]
        told.new = _insert(session, [_row(key, events[key], now) for key in plain])
        fresh = _insert_telling(session, [_row(key, events[key], now) for key in special])
        told.new += len(fresh)
        told.again = sum(len(each.events) for each in readings) - told.new
        _effects(session, [(key, events[key]) for key in special if key in fresh], now)


def _acks(readings: Iterable[Reading]) -> list[Acknowledged]:
    taken: dict[str, list[Id]] = defaultdict(list)
    refused: dict[str, list[Id]] = defaultdict(list)
    for each in readings:
        taken[each.device] += [(event.boot, event.seq) for event in each.events]
        refused[each.device] += each.refused
    return [
        # Not validated: made of what was.
        Acknowledged.model_construct(
            device=device,
            boots=reading.ranges(taken[device]),
            refused=reading.ranges(set(refused[device]) - set(taken[device])),
        )
        for device in taken
    ]


def _row(key: Key, event: Event, now: float) -> dict[str, Any]:
    device, boot, seq = key
    return {
        "device": device,
        "boot": boot,
        "seq": seq,
        "kind": event.body.kind,
        "at": event.at,
        "received": now,
        "body": reading.body_of(event),
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """How many were new."""
    if not rows:
        return 0
    # On the connection: the unit of work is not needed, and costs half of the time.
    statement = admission.insert_new(session, tables.Event)
    statement = statement.execution_options(preserve_rowcount=True)
    return session.connection().execute(statement, rows).rowcount


def _insert_telling(session: Session, rows: list[dict[str, Any]]) -> set[Key]:
    """Which were new; dearer than `_insert`."""
    if not rows:
        return set()
    statement = admission.insert_new(session, tables.Event).returning(
        tables.Event.device, tables.Event.boot, tables.Event.seq
    )
    return {(row[0], row[1], row[2]) for row in session.connection().execute(statement, rows)}


def _effects(session: Session, fresh: Iterable[tuple[Key, Event]], now: float) -> None:
    tickets, unanswered = [], []
    for (device, _, _), event in fresh:
        common = {"device": device, "at": event.at, "received": now}
        if isinstance(event.body, TicketRecord):
            tickets.append(common | _ticket(event.body))
        elif isinstance(event.body, UnansweredRecord):
            unanswered.append(common | _unanswered(event.body))
    if tickets:
        rows = sorted(tickets, key=lambda row: str(row["ticket"]))
        session.execute(admission.insert_new(session, tables.Ticket), rows)
    if unanswered:
        session.connection().execute(insert(tables.Unanswered), unanswered)


def _ticket(record: TicketRecord) -> dict[str, Any]:
    return {
        "ticket": record.ticket,
        "visit": record.visit,
        "sort": record.sort,
        "reason": record.reason,
        "story": [clean(line) for line in record.story],
        "closed_by": "",
        "note": "",
    }


def _unanswered(record: UnansweredRecord) -> dict[str, Any]:
    return {
        "outcome": record.outcome,
        "pack": record.pack,
        "language": record.language,
        "nearest": list(record.nearest),
        "text": None if record.text is None else clean(record.text),
        "meaning": None if record.meaning is None else clean(record.meaning),
    }


def clean(text: str) -> str:
    """Without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\x00", "")
