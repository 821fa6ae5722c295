"""A hub of a few lines: it stores what it gets in a list, and acknowledges it. Or it lies."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet import codec, topics
from fleet.messages import Acknowledged, Batch, CommandResult, State
from fleet.signing import Keys, Signer
from terminal.simulate.history import EventId
from tests.terminal.mqtt_client import Client


class FakeHub:
    """Listens from when it is made."""

    def __init__(self, port: int, takes: Callable[[EventId], bool] = lambda _: True) -> None:
        """`takes`: False for an event that it forgets, though it says that it is safe."""
        self.signer = Signer("fake", Ed25519PrivateKey.generate())
        self.keys = Keys({"fake": self.signer.public})
        self.rows: dict[EventId, str] = {}
        self.batches = 0
        self.states: list[State] = []
        self.results: list[CommandResult] = []
        self.silent = False
        self._takes = takes
        filters = (topics.SHARED_EVENTS, *topics.HUB_FILTERS)
        self.client = Client(port, f"hub-{time.monotonic_ns()}", *filters)
        self.client.paho.on_message = self._on_message

    def tell(self, topic: str, payload: bytes) -> None:
        self.client.paho.publish(topic, payload, 1)

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        found = topics.from_device(message.topic)
        assert found is not None
        match found.leaf:
            case "ev":
                self._store(codec.decode(Batch, message.payload))
            case "state" if not message.retain:
                self.states.append(codec.decode(State, message.payload))
            case "cmd":
                self.results.append(codec.decode(CommandResult, message.payload))

    def _store(self, batch: Batch) -> None:
        if self.silent:
            return
        self.batches += 1
        boots: dict[str, list[tuple[int, int]]] = {}
        for event in batch.events:
            event_id = EventId(batch.device, event.boot, event.seq)
            if self._takes(event_id):
                self.rows.setdefault(event_id, event.body.kind)
            boots.setdefault(str(event.boot), []).append((event.seq, event.seq))
        told = {boot: tuple(ranges) for boot, ranges in boots.items()}
        ack = Acknowledged(device=batch.device, boots=told)
        self.tell(topics.down(batch.device, "ack"), self.signer.sign("ack", ack, time.time()))

    def stop(self) -> None:
        self.client.stop()
