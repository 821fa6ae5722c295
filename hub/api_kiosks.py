"""Over HTTP: the kiosks of the fleet, one by one and by site, region, label, state and pack."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.fields import Name
from hub import desired, registry
from hub.alarms import alarms
from hub.context import Hub, Part
from hub.tables import Command, Event, Kiosk
from hub.web import Asked, Json, Problem, endpoint

Place = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
LAST = 20
"""Events and commands that are shown with a kiosk."""


class Change(BaseModel):
    """What an admin may set."""

    model_config = ConfigDict(extra="forbid")
    site: Place | None = None
    region: Place | None = None
    labels: Annotated[list[Name], Field(max_length=50)] | None = None
    config: Annotated[dict[Name, JsonValue], Field(max_length=50)] | None = None
    """Remote settings to change; null takes one away."""


def part(hub: Hub) -> Part:
    """Routes."""

    def kiosks(asked: Asked) -> Json:
        now, wanted = hub.clock(), asked.query
        with hub.database.read() as session:
            found = session.scalars(_selected(wanted))
            rows = [_row(kiosk, now) for kiosk in found if _fits(kiosk, wanted, now)]
        return {"kiosks": rows}

    def kiosk(asked: Asked) -> Json:
        with hub.database.read() as session:
            return _whole(session, known(session, asked.path["device"]), hub.clock())

    def change_kiosk(asked: Asked) -> Json:
        change = asked.read(Change)
        device = asked.path["device"]
        with hub.database.write() as session:
            found = known(session, device)
            found.site = found.site if change.site is None else change.site
            found.region = found.region if change.region is None else change.region
            found.labels = found.labels if change.labels is None else sorted(set(change.labels))
            if change.config:
                desired.configure(session, device, change.config)
            session.flush()
            return _whole(session, found, hub.clock())

    return Part(
        routes=(
            endpoint(hub, "GET", "/kiosks", "viewer", kiosks),
            endpoint(hub, "GET", "/kiosks/{device}", "viewer", kiosk),
            endpoint(hub, "PATCH", "/kiosks/{device}", "operator", change_kiosk),
        )
    )


def known(session: Session, device: str) -> Kiosk:
    """Problem 404 if it is not."""
    found = session.get(Kiosk, device)
    if found is None:
        raise Problem(404, f"kiosk {device}: there is none; see kiosk fleet ls")
    return found


def _selected(wanted: Any) -> Any:
    asked = select(Kiosk).order_by(Kiosk.device)
    columns = {"site": Kiosk.site, "region": Kiosk.region, "pack": Kiosk.pack}
    for name, column in columns.items():
        if value := wanted.get(name):
            asked = asked.where(column == value)
    return asked


def _fits(kiosk: Kiosk, wanted: Any, now: float) -> bool:
    label, state = wanted.get("label"), wanted.get("state")
    return (
        (not label or label in kiosk.labels)
        and (not state or registry.state_of(kiosk, now) == state)
        and (not wanted.get("alarms") or any(alarms(kiosk.health)))
    )


def _row(kiosk: Kiosk, now: float) -> Json:
    reported, health = kiosk.reported or {}, kiosk.health or {}
    found = list(alarms(health))
    return {
        "device": kiosk.device,
        "site": kiosk.site,
        "region": kiosk.region,
        "hall": kiosk.hall,
        "window": kiosk.window,
        "labels": kiosk.labels,
        "state": registry.state_of(kiosk, now),
        "alarms": [each.name for each in found],
        "why": "; ".join(dict.fromkeys(each.why for each in found if each.why)),
        "seen": kiosk.seen,
        "pack": kiosk.pack,
        "progress": reported.get("progress", ""),
        "queue": health.get("queue"),
        "app": kiosk.app,
    }


def _whole(session: Session, kiosk: Kiosk, now: float) -> Json:
    events = select(Event).where(Event.device == kiosk.device)
    events = events.order_by(Event.received.desc()).limit(LAST)
    commands = select(Command).where(Command.device == kiosk.device)
    commands = commands.order_by(Command.at.desc()).limit(LAST)
    return _row(kiosk, now) | {
        "added": kiosk.added,
        "added_by": kiosk.added_by,
        "revoked": kiosk.revoked,
        "dropped": kiosk.dropped,
        "desired": kiosk.desired,
        "reported": kiosk.reported,
        "reported_at": kiosk.reported_at,
        "health": kiosk.health,
        "health_at": kiosk.health_at,
        "events": [
            {"at": each.at, "kind": each.kind, "boot": each.boot, "seq": each.seq}
            for each in session.scalars(events)
        ],
        "commands": [
            {"command": each.id, "kind": each.kind, "status": each.status, "detail": each.detail}
            for each in session.scalars(commands)
        ],
    }
