"""A hub without a broker for the tests: a clock that stands still, and what it publishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from fleet.signing import Keys, Signer
from hub import announcement, migrate, serve, users
from hub.bus import Message
from hub.context import Hub, Part
from hub.database import Database

NOW = 1_764_200_000.0


@dataclass
class FakeBus:
    """Keeps what is published."""

    connected: bool = True
    sent: list[Message] = field(default_factory=list)
    retained: set[str] = field(default_factory=set)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expiry_s: int | None = None,
    ) -> bool:
        self.sent.append(Message(topic, payload))
        if retain:
            self.retained.add(topic)
        return True


@dataclass
class Clock:
    """Stands still."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


def make_hub(folder: Path, url: str, *, open_registry: bool = True) -> Hub:
    """With an empty database of the newest revision."""
    database = Database(url)
    migrate.upgrade(database)
    with database.write() as session:
        announcement.make_epoch(session, NOW)
    signer = Signer("test", Ed25519PrivateKey.generate())
    return Hub(folder, database, FakeBus(), signer, Clock(), open_registry)


def keys(hub: Hub) -> Keys:
    """As a kiosk trusts them."""
    return Keys({hub.signer.key_id: hub.signer.public})


def token(hub: Hub, role: str) -> str:
    """Of a new user with that role."""
    with hub.database.write() as session:
        return users.add(session, f"a-{role}", role, NOW)


def client(hub: Hub, *made: Callable[[Hub], Part], role: str = "admin") -> TestClient:
    """Asks those parts of the hub, as a user with the role."""
    app = serve.application([each(hub) for each in made])
    return TestClient(app, headers={"Authorization": f"Bearer {token(hub, role)}"})
