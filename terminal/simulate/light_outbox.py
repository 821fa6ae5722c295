"""An outbox in memory, for thousands of kiosks in one process.

The real one, `terminal.outbox`, has a SQLite file and a cap; this one gives the same batches in the
same order, sends them again by the same rule, and forgets events by the same word of the hub.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet.messages import Acknowledged, Batch, Event
from fleet.records import Record
from fleet.topics import EventKind
from terminal.outbox import BATCH_EVENTS, FLIGHT_EVENTS, URGENT_FIRST, Outgoing


class LightOutbox:
    """One kiosk's events, gone when the process ends."""

    def __init__(self, device: str, boot: int) -> None:
        self.boot = boot
        self._device = device
        self._seq = 0
        self._waiting: dict[EventKind, dict[int, Event]] = {kind: {} for kind in URGENT_FIRST}
        self._flight: dict[int, tuple[EventKind, Event]] = {}
        self._due: dict[int, float] = {}

    def put(self, record: Record, at: float) -> int:
        """Keep a record; its seq."""
        self._seq += 1
        event = Event(boot=self.boot, seq=self._seq, at=at, body=record)
        self._waiting[record.kind][self._seq] = event
        return self._seq

    def batches(self, now: float, again_s: float) -> Iterator[Outgoing]:
        """What is to be sent at `now`; what the hub does not answer, again after `again_s`."""
        self._come_back([seq for seq, due in self._due.items() if due <= now])
        for kind in URGENT_FIRST:
            waiting = self._waiting[kind]
            while waiting and len(self._flight) < FLIGHT_EVENTS:
                taken = sorted(waiting)[:BATCH_EVENTS]
                events = tuple(waiting.pop(seq) for seq in taken)
                for event in events:
                    self._flight[event.seq] = kind, event
                    self._due[event.seq] = now + again_s
                yield Outgoing(kind, Batch(device=self._device, events=events))

    def acknowledge(self, ack: Acknowledged) -> int:
        """Forget what the hub has committed or refused; how many that were."""
        before = len(self)
        for boots in (ack.boots, ack.refused):
            for first, last in boots.get(str(self.boot), ()):
                for seq in range(max(1, first), min(last, self._seq) + 1):
                    self._forget(seq)
        return before - len(self)

    def send_all_again(self) -> None:
        """Nothing is known of what was sent."""
        self._come_back(list(self._flight))

    def __len__(self) -> int:
        """Events waiting for the hub."""
        return len(self._flight) + sum(map(len, self._waiting.values()))

    @property
    def in_flight(self) -> int:
        """Sent and not acknowledged."""
        return len(self._flight)

    def _come_back(self, seqs: list[int]) -> None:
        for seq in seqs:
            kind, event = self._flight.pop(seq)
            del self._due[seq]
            self._waiting[kind][seq] = event

    def _forget(self, seq: int) -> None:
        if self._flight.pop(seq, None):
            del self._due[seq]
            return
        for waiting in self._waiting.values():
            waiting.pop(seq, None)
