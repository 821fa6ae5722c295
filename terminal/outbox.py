"""Events on their way to the hub: kept on disk until the hub says that it has committed them.

An event whose `put` says stored survives a power cut. What does not fit is dropped by worth, and
counted. Without a usable disk the newest are kept in memory. Belongs to one thread.
"""

from __future__ import annotations

import contextlib
import logging
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet import codec
from fleet.messages import Acknowledged, Batch
from fleet.records import Record
from fleet.topics import EventKind
from terminal import outbox_table as table
from terminal.database import Database, DiskError
from terminal.errors import KioskError
from terminal.outbox_table import WORTH, EventId, Row

log = logging.getLogger(__name__)

URGENT_FIRST: Sequence[EventKind] = (
    "ticket",
    "audit",
    "unanswered",
    "session",
    "rating",
    "quality",
    "log",
)
BATCH_EVENTS, BATCH_BYTES = 200, 128 * 1024
"""The hub commits batches of 200 fastest; a message may unpack to 256 KB at most."""
FLIGHT_EVENTS = 800
"""Sent and not yet acknowledged: no more is sent before."""
RECORD_BYTES = 64 * 1024
"""Of one record; a longer one could travel in no batch."""
MEMORY_EVENTS = 500
"""Kept where there is no disk."""
FREE_AT_ONCE_BYTES = 64 * 1024
"""Dropped on a full disk to make room: more than one record, so that it is not done for each."""
CAP_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a record."""

    id: EventId | None
    """None: dropped, there is no room and all else is worth more."""
    stored: bool
    """It survives a power cut; False also where it is kept in memory."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A batch to be sent now."""

    kind: EventKind
    batch: Batch


class Outbox:
    """The kiosk's events."""

    def __init__(self, folder: Path, device: str, now: float, cap_bytes: int = CAP_BYTES) -> None:
        """`now`: seconds since 1970. `cap_bytes`: for all records together."""
        self._device = device
        self._cap_bytes = cap_bytes
        self._memory: dict[EventId, Row] = {}
        self._flight: dict[EventId, float] = {}
        """Sent; and when to send again."""
        self._dropped = 0
        self._bytes = self._count = 0
        self._losses = 0
        self.database = Database(folder, "outbox", table.SCHEMA)
        self.boot = max(1, int(now))
        # Where the last boot is not known, ids must not fall on old ones even if the clock was
        # set back: so they begin somewhere at random.
        self._seq = random.SystemRandom().randrange(2**40, 2**50)
        self._begin(now)

    def put(self, record: Record, at: float) -> Put:
        """Keep a record; KioskError if it is too long for any message."""
        body = codec.encode(record)
        if len(body) > RECORD_BYTES:
            raise KioskError("internal", f"{record.kind}: {len(body):,} bytes are too many")
        self._seq += 1
        row = Row(EventId(self.boot, self._seq), record.kind, max(0.0, at), body)
        try:
            return self._store(row)
        except DiskError as error:
            return self._store_in_spite_of(error, row)

    def batches(self, now: float, again_s: float) -> Iterator[Outgoing]:
        """What is to be sent at `now`; what the hub does not answer, again after `again_s`."""
        self._see_losses()
        for each in [each for each, due in self._flight.items() if due <= now]:
            del self._flight[each]
        for kind in URGENT_FIRST:
            while len(self._flight) < FLIGHT_EVENTS and (rows := self._next(kind)):
                self._flight |= dict.fromkeys((row.id for row in rows), now + again_s)
                yield Outgoing(kind, self._batch(rows))

    def not_sent(self, outgoing: Outgoing) -> None:
        """There was no way to send it after all."""
        for event in outgoing.batch.events:
            self._flight.pop(EventId(event.boot, event.seq), None)

    def acknowledge(self, ack: Acknowledged) -> int:
        """Forget what the hub has committed or refused; how many that were."""
        before = len(self)
        spans = [
            (int(boot), first, last, refused)
            for boots, refused in ((ack.boots, False), (ack.refused, True))
            for boot, ranges in boots.items()
            if boot.isdecimal()
            for first, last in ranges
        ]
        for boot, first, last, _ in spans:
            self._forget(boot, first, last)
        with contextlib.suppress(DiskError):
            self._settle(spans)
        return before - len(self)

    def send_all_again(self) -> None:
        """Nothing is known of what was sent: the connection, or the hub's database, is new."""
        self._flight.clear()

    def come_back(self) -> None:
        """The disk may have room again: put down what is in memory. For quiet moments."""
        self._see_losses()
        for row in list(self._memory.values()):
            try:
                self._store(row)
            except DiskError:
                return
            del self._memory[row.id]
        self.database.refill()

    def __len__(self) -> int:
        """Events waiting for the hub."""
        return self._count + len(self._memory)

    @property
    def in_flight(self) -> int:
        """Sent and not acknowledged."""
        return len(self._flight)

    @property
    def waiting_bytes(self) -> int:
        """Of all that waits on the disk."""
        return self._bytes

    @property
    def dropped(self) -> int:
        """Events lost for want of room since the outbox was made."""
        return self._dropped

    def refused(self) -> list[tuple[EventId, str]]:
        """Id and kind of what the hub would not take, the newest 200."""
        return self.database.read(table.dead)

    def keep(self, key: str, value: str | None) -> None:
        """A word to remember over a restart; None: forget it. DiskError if it cannot be."""
        self.database.write(lambda db: table.put(db, key, value))

    def kept(self, key: str) -> str | None:
        """What was kept under `key`."""
        try:
            return self.database.read(lambda db: table.get(db, key))
        except DiskError:
            return None

    def close(self) -> None:
        """What is in memory only is gone then."""
        self.come_back()
        self.database.close()

    def _begin(self, now: float) -> None:
        def begin(db: sqlite3.Connection) -> bool:
            last = table.get(db, "boot")
            self.boot = max(int(last or 0) + 1, int(now), 1)
            table.put(db, "boot", str(self.boot))
            self._dropped = int(table.get(db, "dropped") or 0)
            self._count, self._bytes = table.totals(db)
            return last is not None

        try:
            if self.database.write(begin):
                self._seq = 0
        except DiskError as error:
            log.error("outbox: %s; events are kept in memory", error)
        self._see_losses()  # Of what was in a damaged file, nobody can tell how much it was.

    def _store(self, row: Row, free_bytes: int = 0) -> Put:
        """Into the database; what is worth less goes where there is no room."""
        wanted = max(self._bytes + row.size - self._cap_bytes, free_bytes)

        def store(db: sqlite3.Connection) -> tuple[list[EventId], int, bool]:
            gone, freed = table.cheapest(db, WORTH[row.kind], wanted) if wanted > 0 else ([], 0)
            fits = self._bytes - freed + row.size <= self._cap_bytes
            if not fits:
                gone, freed = [], 0  # It would be in vain.
            for each in gone:
                table.drop(db, each)
            if gone or not fits:
                table.put(db, "dropped", str(self._dropped + len(gone) + (not fits)))
            if fits:
                table.insert(db, row)
            return gone, freed, fits

        gone, freed, fits = self.database.write(store)
        for each in gone:
            self._flight.pop(each, None)
        self._dropped += len(gone) + (not fits)
        self._count += fits - len(gone)
        self._bytes += row.size * fits - freed
        return Put(row.id if fits else None, stored=fits)

    def _store_in_spite_of(self, error: DiskError, row: Row) -> Put:
        """After one failure."""
        try:
            match error.trouble:
                case "full":
                    self.database.give_up_ballast()
                    return self._store(row, FREE_AT_ONCE_BYTES)
                case "damaged":
                    self._see_losses()
                    return self._store(row)
        except DiskError as again:
            error = again
        if not self._memory:
            log.error("outbox: %s; events are kept in memory", error)
        return self._hold(row)

    def _see_losses(self) -> None:
        """Where the database was found damaged, it is a new one now."""
        if self._losses == self.database.losses:
            return
        self._losses = self.database.losses
        self._dropped += max(1, self._count)
        self._count = self._bytes = 0
        self._flight.clear()

        def note(db: sqlite3.Connection) -> None:
            table.put(db, "boot", str(self.boot))
            table.put(db, "dropped", str(self._dropped))

        with contextlib.suppress(DiskError):
            self.database.write(note)

    def _hold(self, row: Row) -> Put:
        self._memory[row.id] = row
        if len(self._memory) > MEMORY_EVENTS:
            least = min(self._memory.values(), key=lambda each: (WORTH[each.kind], each.id))
            del self._memory[least.id]
            self._flight.pop(least.id, None)
            self._dropped += 1
        return Put(row.id if row.id in self._memory else None, stored=False)

    def _next(self, kind: EventKind) -> list[Row]:
        """The oldest of a kind that are not in flight, as many as one batch takes."""
        limit = BATCH_EVENTS + len(self._flight)
        rows = [row for row in self._memory.values() if row.kind == kind]
        with contextlib.suppress(DiskError):
            rows = self.database.read(lambda db: table.oldest(db, kind, limit)) + rows
        taken: list[Row] = []
        size = 0
        for row in rows:
            if row.id in self._flight:
                continue
            size += row.size
            if len(taken) == BATCH_EVENTS or (taken and size > BATCH_BYTES):
                break
            taken.append(row)
        return taken

    def _batch(self, rows: Sequence[Row]) -> Batch:
        events = tuple(table.event(row) for row in rows)
        return Batch(device=self._device, dropped=self._dropped, events=events)

    def _forget(self, boot: int, first: int, last: int) -> None:
        for held in (self._memory, self._flight):
            for each in [each for each in held if each.boot == boot and first <= each.seq <= last]:
                del held[each]

    def _settle(self, spans: list[tuple[int, int, int, bool]]) -> None:
        """Of boot, first, last, refused; all at once, for each write takes room on a full disk."""

        def settle(db: sqlite3.Connection) -> tuple[int, int]:
            done = [table.settle(db, *span, refused=refused) for *span, refused in spans]
            return sum(count for count, _ in done), sum(freed for _, freed in done)

        try:
            count, freed = self.database.write(settle)
        except DiskError as error:
            if error.trouble != "full" or not self.database.give_up_ballast():
                raise
            count, freed = self.database.write(settle)
        self._count -= count
        self._bytes -= freed
