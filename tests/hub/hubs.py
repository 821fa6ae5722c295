"""A hub of the tests' own: real database and keys, a bus that keeps what is published, no clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fleet import codec, topics
from fleet.messages import Desired, PackName, Progress, Reported
from fleet.signing import Keys
from hub import ca, keys, migrate
from hub.context import Hub
from hub.database import Database
from hub.shelf import repository_of
from hub.tables import Kiosk

NOW = 1_795_000_000.0
OLD = PackName(id="gov-hall", version=3, digest="3" * 64)
NEW = PackName(id="gov-hall", version=4, digest="4" * 64)


class Published(NamedTuple):
    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry_s: int | None


class FakeBus:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.connected = True
        self.published: list[Published] = []

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expiry_s: int | None = None,
    ) -> bool:
        if self.connected:
            self.published.append(Published(topic, payload, qos, retain, expiry_s))
        return self.connected

    def taken(self) -> list[Published]:
        """Since the last time."""
        found, self.published = self.published, []
        return found


class SmallHub:
    """A hub whose time stands still until it is moved."""

    def __init__(self, folder: Path, url: str, now: float = NOW) -> None:
        self.now = now
        self.bus = FakeBus()
        database = Database(url)
        migrate.upgrade(database)
        keys.make_command_key(folder / keys.KEYS)
        keys.make_enrol_key(folder / keys.KEYS)
        ca.make(folder, now)
        signer = keys.command_signer(folder / keys.KEYS)
        self.hub = Hub(folder, database, self.bus, signer, self.clock)
        repository_of(self.hub).create(keys.Keyring(folder / keys.OFFLINE), now)
        self.keys = Keys({signer.key_id: signer.public})

    def clock(self) -> float:
        return self.now

    def add(self, *devices: str, pack: PackName | None = OLD, **values: object) -> None:
        """Kiosks that are online and have reported a pack."""
        with self.hub.database.write() as session:
            for device in devices:
                given = {"added": self.now, "online": True, "seen": self.now} | values
                session.add(Kiosk(device=device, **given))
        for device in devices:
            if pack is not None:
                self.report(device, pack, desired=0)

    def change(self, device: str, change: Callable[[Kiosk], None]) -> None:
        with self.hub.database.write() as session:
            change(session.get_one(Kiosk, device))

    def kiosk(self, device: str) -> Kiosk:
        with self.hub.database.read() as session:
            return session.get_one(Kiosk, device)

    def report(
        self,
        device: str,
        pack: PackName | None,
        desired: int,
        progress: Progress = "current",
        right: float | None = 95.0,
        detail: str = "",
    ) -> None:
        """As the registry takes it."""
        said = Reported(
            device=device,
            boot=1,
            desired=desired,
            revision=1,
            pack=pack,
            progress=progress,
            right_percent=right,
            detail=detail,
            at=self.now,
        )

        def change(kiosk: Kiosk) -> None:
            kiosk.reported = said.model_dump(mode="json", exclude_none=True)
            kiosk.pack = pack.label if pack else ""
            kiosk.seen = self.now

        self.change(device, change)

    def desired(self) -> dict[str, Desired]:
        """What kiosks were told since the last time."""
        found = {}
        for each in self.bus.taken():
            assert each.retain
            assert each.qos == 1
            told = self.keys.open("desired", Desired, each.payload, self.now)
            assert each.topic == topics.down(told.device, "desired")
            found[told.device] = told
        return found


def raw(message: object) -> bytes:
    return codec.encode(message)  # type: ignore[arg-type]
