"""What each kiosk should be: changed in the database, told by a retained message on dn/desired.

A kiosk's twin has a version that rises with every change; versions are compared, never the order
of arrival. The broker may lose a retained message in a crash, and a database may be restored from
an old copy: so what a kiosk reports decides whether it must be told again, or with a higher
version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from fleet import topics
from fleet.errors import KioskError
from fleet.messages import Desired, PackName
from hub.content_tables import SentRow
from hub.context import Hub
from hub.tables import Kiosk

AGAIN_S = 60.0
"""A kiosk that is online and has not reported what was desired this long ago is told again."""
MAX_CONFIG = 50
"""Settings that a kiosk may be given."""
MAX_AT_ONCE = 500
_IN_AT_ONCE = 500
"""Names in one query: databases take only so many."""


def of(kiosk: Kiosk) -> Desired | None:
    """What is desired of a kiosk now."""
    return Desired.model_validate(kiosk.desired) if kiosk.desired else None


def give_pack(session: Session, device: str, pack: PackName | None, *, rollback: bool) -> int:
    """Let the kiosk be given `pack`, None: whatever it has; the version of its twin."""
    return _change(_kiosk(session, device), {"pack": pack, "rollback": rollback})


def give_packs(session: Session, given: Mapping[str, tuple[PackName | None, bool]]) -> None:
    """As `give_pack`, of many at once: device -> pack and rollback. Who is gone is left out."""
    devices = sorted(given)
    for start in range(0, len(devices), _IN_AT_ONCE):
        some = devices[start : start + _IN_AT_ONCE]
        asked = select(Kiosk).where(Kiosk.device.in_(some)).order_by(Kiosk.device)
        for kiosk in session.scalars(asked.with_for_update()):
            pack, rollback = given[kiosk.device]
            _change(kiosk, {"pack": pack, "rollback": rollback})


def inherit(session: Session, device: str, site: str) -> None:
    """Let a new kiosk be given the pack that most kiosks of its site are given, if any is."""
    neighbours = select(Kiosk.desired).where(
        Kiosk.site == site, Kiosk.revoked.is_(None), Kiosk.desired_version > 0
    )
    wanted = [Desired.model_validate(raw) for raw in session.scalars(neighbours)]
    packs = Counter(each.pack for each in wanted if each.pack is not None)
    if site and packs:
        # What the kiosk came with may be newer than what its site has come to.
        give_pack(session, device, packs.most_common(1)[0][0], rollback=True)


def configure(session: Session, device: str, changes: Mapping[str, Any]) -> int:
    """Change remote settings; None takes one away. The version of the twin.

    KioskError for names or values that no kiosk could take.
    """
    kiosk = _kiosk(session, device)
    before = of(kiosk)
    config = dict(before.config if before else {}) | dict(changes)
    config = {name: value for name, value in config.items() if value is not None}
    if len(config) > MAX_CONFIG:
        raise KioskError("input", f"config: more than {MAX_CONFIG} settings")
    return _change(kiosk, {"config": config})


class Publisher:
    """Tells the kiosks. `run` is a job of the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._looked = 0.0

    def run(self) -> None:
        """Whoever's desired state has changed since it was last said; now and then all others."""
        if not self._hub.bus.connected:
            return
        now = self._hub.clock()
        with self._hub.database.read() as session:
            told = _changed(session)
            if not told and now - self._looked >= AGAIN_S / 2:
                self._looked = now
                told = _lost(session, now)
                if ahead := _ahead(session):
                    self._overtake(ahead)
        sent = [(device, of_it.version) for device, of_it in told if self._tell(device, of_it, now)]
        if sent:
            self._note(sent, now)

    def clear(self, device: str) -> None:
        """Of a kiosk that was revoked: the broker keeps nothing for it."""
        self._hub.bus.publish(topics.down(device, "desired"), b"", retain=True)

    def _tell(self, device: str, desired: Desired, now: float) -> bool:
        payload = self._hub.signer.sign("desired", desired, now)
        return self._hub.bus.publish(topics.down(device, "desired"), payload, retain=True)

    def _note(self, told: Sequence[tuple[str, int]], now: float) -> None:
        with self._hub.database.write() as session:
            known = select(SentRow.device).where(SentRow.device.in_([each for each, _ in told]))
            there = set(session.scalars(known))
            rows = [{"device": each, "version": version, "at": now} for each, version in told]
            if old := [row for row in rows if row["device"] in there]:
                session.execute(update(SentRow), old)
            if new := [row for row in rows if row["device"] not in there]:
                session.execute(insert(SentRow), new)

    def _overtake(self, devices: list[str]) -> None:
        """They have heard of versions that this database has not: it was restored."""
        with self._hub.database.write() as session:
            for device in devices:
                _change(_kiosk(session, device), {})


def forget(session: Session, device: str) -> None:
    """Let the kiosk be told again."""
    session.execute(delete(SentRow).where(SentRow.device == device))


def _change(kiosk: Kiosk, values: Mapping[str, Any]) -> int:
    before = kiosk.desired or {"device": kiosk.device}
    heard = int((kiosk.reported or {}).get("desired", 0))
    version = max(kiosk.desired_version, heard) + 1
    raw = {**before, **values, "version": version}
    try:
        desired = Desired.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KioskError("input", f"{where}: {first['msg']}") from error
    kiosk.desired = desired.model_dump(mode="json", exclude_none=True)
    kiosk.desired_version = version
    return version


def _kiosk(session: Session, device: str) -> Kiosk:
    kiosk = session.get(Kiosk, device, with_for_update=True)
    if kiosk is None:
        raise KioskError("missing", f"no kiosk {device}")
    return kiosk


def _changed(session: Session) -> list[tuple[str, Desired]]:
    asked = (
        select(Kiosk)
        .outerjoin(SentRow, SentRow.device == Kiosk.device)
        .where(Kiosk.desired_version > 0, Kiosk.revoked.is_(None))
        .where(SentRow.version.is_(None) | (SentRow.version != Kiosk.desired_version))
        .limit(MAX_AT_ONCE)
    )
    return _told(session.scalars(asked))


def _lost(session: Session, now: float) -> list[tuple[str, Desired]]:
    """Online, and reporting less than what they were told a while ago."""
    asked = (
        select(Kiosk)
        .join(SentRow, SentRow.device == Kiosk.device)
        .where(Kiosk.online, Kiosk.revoked.is_(None), SentRow.at < now - AGAIN_S)
        .where(func.coalesce(Kiosk.reported["desired"].as_integer(), 0) < Kiosk.desired_version)
        .limit(MAX_AT_ONCE)
    )
    return _told(session.scalars(asked))


def _ahead(session: Session) -> list[str]:
    asked = (
        select(Kiosk.device)
        .where(Kiosk.desired_version > 0, Kiosk.revoked.is_(None))
        .where(Kiosk.reported["desired"].as_integer() > Kiosk.desired_version)
        .limit(MAX_AT_ONCE)
    )
    return list(session.scalars(asked))


def _told(kiosks: Iterable[Kiosk]) -> list[tuple[str, Desired]]:
    found = ((kiosk.device, of(kiosk)) for kiosk in kiosks)
    return [(device, desired) for device, desired in found if desired is not None]
