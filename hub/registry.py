"""The fleet as it is: births and wills, reports and health, into the table of kiosks.

Order of arrival means nothing: the broker hands out retained messages again, and a will may come
long after its kiosk is back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet import codec, topics
from fleet.errors import KioskError
from fleet.messages import CommandResult, Get, Health, Reported, State
from hub import admission, metrics
from hub.bus import Listener, Message
from hub.context import Hub, Part
from hub.insist import insist
from hub.reading import Rejection, Sort
from hub.rejections import Recorder
from hub.tables import Kiosk

SILENT_S = 300.0
"""A kiosk that nothing was heard of for so long is offline, whatever its birth said: a broker that
was killed tells no will."""
Said = TypeVar("Said", State, Reported, Health, Get, CommandResult)


def part(hub: Hub) -> Part:
    """Listens to what kiosks say of themselves."""
    recorder = Recorder(hub.database, hub.clock)

    def listener(
        leaf: topics.Up, kind: type[Said], take: Callable[[Kiosk, Said], bool]
    ) -> Listener:
        def handle(messages: Sequence[Message]) -> None:
            said, rejections = _read(messages, kind)
            more = insist(lambda: _store(hub, said, take), hub.stopping)
            recorder.record(rejections + (more or []))

        qos = 0 if leaf == "health" else 1
        return Listener(f"{topics.ROOT}/d/+/up/{leaf}", handle, qos)

    listeners = (
        listener("state", State, take_state),
        listener("reported", Reported, take_reported),
        listener("health", Health, take_health),
    )
    return Part(listeners=listeners)


def take_state(kiosk: Kiosk, said: State) -> bool:
    """Birth or will; False if it is older than what is known.

    Of one connection the end is the later word: another has a higher number.
    """
    told, known = (said.boot, said.connection), (kiosk.boot, kiosk.connection)
    if told < known or (told == known and said.online):
        return False
    kiosk.boot, kiosk.connection = told
    kiosk.online, kiosk.app = said.online, said.app
    return True


def take_reported(kiosk: Kiosk, said: Reported) -> bool:
    """The twin's half; False if it is older than what is known."""
    if (said.boot, said.revision) <= (kiosk.reported_boot, kiosk.reported_revision):
        return False
    kiosk.reported_boot, kiosk.reported_revision = said.boot, said.revision
    kiosk.reported, kiosk.reported_at = as_json(said), kiosk.seen
    kiosk.pack = said.pack.label if said.pack else ""
    kiosk.app = said.app
    return True


def take_health(kiosk: Kiosk, said: Health) -> bool:
    """Of this boot or a later one."""
    if said.boot < kiosk.boot:
        return False
    kiosk.health, kiosk.health_at = as_json(said), kiosk.seen
    kiosk.dropped = max(kiosk.dropped, said.dropped)
    return True


def state_of(kiosk: Kiosk, now: float) -> str:
    """online, offline, or revoked."""
    if kiosk.revoked is not None:
        return "revoked"
    return "online" if kiosk.online and now - kiosk.seen < SILENT_S else "offline"


def forget(kiosk: Kiosk) -> None:
    """It starts anew, as after a change of its board: its counts of boots may begin again."""
    kiosk.online = False
    kiosk.boot = kiosk.connection = kiosk.reported_boot = kiosk.reported_revision = 0


def online(session: Session, now: float) -> int:
    """How many kiosks are."""
    asked = select(func.count()).select_from(Kiosk)
    asked = asked.where(Kiosk.online, Kiosk.revoked.is_(None), Kiosk.seen > now - SILENT_S)
    return session.scalar(asked) or 0


def as_json(said: BaseModel) -> dict[str, Any]:
    """As it would travel: what no JSON can hold, NaN, is null."""
    found: dict[str, Any] = json.loads(said.model_dump_json(exclude_none=True))
    return found


def _read(messages: Iterable[Message], kind: type[Said]) -> tuple[list[Said], list[Rejection]]:
    said, rejections = [], []
    for message in messages:
        if not message.payload:
            continue  # A retained message was taken away.
        found = read(message, kind)
        if isinstance(found, Rejection):
            rejections.append(found)
        else:
            said.append(found)
    return said, rejections


def read(message: Message, kind: type[Said]) -> Said | Rejection:
    """What a kiosk says of itself on its own topic."""
    source = topics.from_device(message.topic)
    device = source.device if source else ""
    try:
        found = codec.decode(kind, message.payload)
    except KioskError as error:
        return Rejection("malformed", error.message, device, message.topic, message.payload)
    if found.device != device:
        reason = f"says that it is from {found.device}"
        return Rejection("cross-device", reason, device, message.topic, message.payload)
    return found


def _store(hub: Hub, said: Sequence[Said], take: Callable[[Kiosk, Said], bool]) -> list[Rejection]:
    """One transaction; who is not let in."""
    if not said:
        return []
    now, rejections = hub.clock(), []
    with hub.database.write() as session:
        devices = sorted({each.device for each in said})
        entries = admission.look_up(session, devices, now, hub.open_registry)
        asked = select(Kiosk).where(Kiosk.device.in_(devices)).order_by(Kiosk.device)
        kiosks = {kiosk.device: kiosk for kiosk in session.scalars(asked)}
        for each in said:
            entry = entries.get(each.device)
            if entry is None or entry.revoked:
                sort: Sort = "revoked" if entry else "unknown"
                rejections.append(Rejection(sort, f"{sort} kiosk", each.device))
                continue
            _take(kiosks[each.device], each, now, take)
    return rejections


def _take(kiosk: Kiosk, said: Said, now: float, take: Callable[[Kiosk, Said], bool]) -> None:
    seen, kiosk.seen = kiosk.seen, now
    if not take(kiosk, said):
        # What is handed out again was not said now.
        kiosk.seen = seen
        metrics.STALE.inc()
