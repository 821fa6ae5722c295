"""Packs over HTTP: publish one, list them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select

from hub import publish, rollouts, shelf
from hub.content_tables import PackRow
from hub.context import Hub, Part
from hub.tables import Kiosk
from hub.web import Asked, Json, Problem, endpoint


def part(hub: Hub) -> Part:
    """POST and GET /packs."""
    repository = shelf.repository_of(hub)

    def publish_pack(asked: Asked) -> Json:
        now = hub.clock()
        with hub.database.read() as session:
            in_use = rollouts.in_use(session)
        found = publish.checked(asked.content, _today(now))
        label = f"{found.index.id}@{found.index.version}"
        asked.target, asked.detail = label, f"{len(asked.content):,} bytes"
        _refuse_other(hub, label, found.index.digest)
        new = publish.put(repository, found, now, in_use)
        with hub.database.write() as session:
            if session.get(PackRow, label) is None:
                row = PackRow(label=label, digest=found.index.digest, at=now, by=asked.who)
                session.add(row)
        warnings = list(found.warnings)
        return {"pack": label, "digest": found.index.digest, "new": new, "warnings": warnings}

    def list_packs(_asked: Asked) -> Json:
        held = {f"{pack}@{version}" for pack, version in repository.content.published().labels()}
        with hub.database.read() as session:
            asked = select(Kiosk.pack, func.count()).group_by(Kiosk.pack)
            kiosks = {row[0]: row[1] for row in session.execute(asked)}
            rows = session.scalars(select(PackRow).order_by(PackRow.at.desc(), PackRow.label))
            packs = [
                {
                    "pack": row.label,
                    "digest": row.digest,
                    "at": row.at,
                    "by": row.by,
                    "kiosks": kiosks.get(row.label, 0),
                    "held": row.label in held,
                }
                for row in rows
            ]
        return {"packs": packs}

    return Part(
        routes=[
            endpoint(hub, "POST", "/packs", "publisher", publish_pack, publish.MAX_UPLOAD_BYTES),
            endpoint(hub, "GET", "/packs", "viewer", list_packs),
        ]
    )


def _today(now: float) -> date:
    """A hall lives by its local date."""
    return datetime.fromtimestamp(now).astimezone().date()


def _refuse_other(hub: Hub, label: str, digest: str) -> None:
    """Also of versions whose files are gone."""
    with hub.database.read() as session:
        row = session.get(PackRow, label)
    if row is not None and row.digest != digest:
        said = "was published with other content; raise version (版本号) in manifest.yaml"
        raise Problem(409, f"{label} {said}")
