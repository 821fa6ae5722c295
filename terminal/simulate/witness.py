"""An outbox with somebody who writes down what is put into it, and what the hub says is safe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fleet.messages import Acknowledged
from fleet.records import Record
from terminal.database import DiskError
from terminal.outbox import Outbox, Put
from terminal.outbox_table import EventId as Id
from terminal.simulate.history import Entry, EventId, line, mark_of


class Witness:
    """All of `terminal.outbox.Outbox`, and a history file that survives a SIGKILL."""

    def __init__(self, outbox: Outbox, device: str, history: Path) -> None:
        self._outbox = outbox
        self._device = device
        self._file = os.open(history, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._held = self._ids() or set()
        self._dropped = outbox.dropped

    def put(self, record: Record, at: float) -> Put:
        """As the outbox's; noted before and after."""
        mark = mark_of(record, self._device, at)
        self._note(Entry("made", EventId(self._device, 0, 0), mark))
        put = self._outbox.put(record, at)
        if put.id is not None:
            self._held.add(put.id)
        # What is only in memory may go with a kill: it is not promised to anybody.
        if put.id is not None and put.stored:
            self._note(Entry("kept", EventId(self._device, *put.id), mark))
        if self._outbox.dropped != self._dropped:
            self._note_dropped()
        return put

    def acknowledge(self, ack: Acknowledged) -> int:
        """As the outbox's; noted before anything is forgotten."""
        for boots, refused in ((ack.boots, False), (ack.refused, True)):
            for boot, ranges in boots.items():
                for first, last in ranges:
                    for seq in range(first, last + 1):
                        event = EventId(self._device, int(boot), seq)
                        self._note(Entry("refused" if refused else "safe", event))
                        self._held.discard(Id(event.boot, event.seq))
        return self._outbox.acknowledge(ack)

    def __len__(self) -> int:
        return len(self._outbox)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)

    def _note_dropped(self) -> None:
        """What had to make room: the kiosk knows how many, the witness which."""
        ids = self._ids()
        if ids is None:
            return
        for gone in sorted(self._held - ids):
            self._note(Entry("dropped", EventId(self._device, *gone)))
        self._held &= ids
        self._dropped = self._outbox.dropped

    def _ids(self) -> set[Id] | None:
        """Of all that waits on the disk; None if it cannot be read now."""
        try:
            return self._outbox.database.read(
                lambda db: {Id(*row) for row in db.execute("SELECT boot, seq FROM events")}
            )
        except DiskError:
            return None

    def _note(self, entry: Entry) -> None:
        """One write: whole or not at all, whoever is killed."""
        os.write(self._file, line(entry).encode())
