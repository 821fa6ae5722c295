"""The hub tells who it is: its epoch and its time, signed and retained."""

from __future__ import annotations

from sqlalchemy.orm import Session

from fleet import topics
from fleet.errors import KioskError
from fleet.messages import HubTime
from hub.context import Hub, Job, Part
from hub.tables import Meta

EVERY_S = 60.0
EPOCH = "epoch"


def make_epoch(session: Session, now: float) -> int:
    """Of a database that is new, or restored from a copy: higher than any before."""
    known = session.get(Meta, EPOCH)
    epoch = max(int(now), int(known.value) + 1 if known else 1)
    session.merge(Meta(name=EPOCH, value=str(epoch)))
    return epoch


def epoch_of(session: Session) -> int:
    """KioskError if the hub was never set up."""
    found = session.get(Meta, EPOCH)
    if found is None:
        raise KioskError("input", "the hub's database is not set up: run kiosk hub init")
    return int(found.value)


def part(hub: Hub) -> Part:
    """At each connection, and every minute."""

    def announce() -> None:
        with hub.database.read() as session:
            said = HubTime(epoch=epoch_of(session), at=hub.clock())
        hub.bus.publish(topics.HUB, hub.signer.sign("hub", said, hub.clock()), retain=True)

    return Part(jobs=[Job("announcement", EVERY_S, announce)], connected=[announce])
