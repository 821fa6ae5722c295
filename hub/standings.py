"""How kiosks are, as far as the hub knows: rows of the registry, as rollouts look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.messages import PackName
from hub.registry import SILENT_S
from hub.rollout import Standing
from hub.tables import Kiosk

_IN_AT_ONCE = 500
"""Names in one query: databases take only so many."""
_STANDING = (
    Kiosk.device,
    Kiosk.online,
    Kiosk.seen,
    Kiosk.revoked,
    Kiosk.desired,
    Kiosk.desired_version,
    Kiosk.reported,
)


def of(
    session: Session, devices: Iterable[str], now: float, since: float = 0.0
) -> dict[str, Standing]:
    """How the kiosks are, as far as a hub knows that has listened `since` then."""
    found: dict[str, Standing] = {}
    names = sorted(devices)
    for start in range(0, len(names), _IN_AT_ONCE):
        some = names[start : start + _IN_AT_ONCE]
        for kiosk in session.execute(select(*_STANDING).where(Kiosk.device.in_(some))):
            found[kiosk.device] = _standing(kiosk, now, since)
    return found


def _standing(kiosk: Any, now: float, since: float) -> Standing:
    """Of `_STANDING`. Thousands of them each second: nothing is checked that was checked before."""
    reported = kiosk.reported or {}
    return Standing(
        kiosk.device,
        online=kiosk.online and now - max(kiosk.seen, since) < SILENT_S,
        seen=kiosk.seen,
        revoked=kiosk.revoked is not None,
        desired=pack_of((kiosk.desired or {}).get("pack")),
        answered=bool(reported) and reported["desired"] >= kiosk.desired_version,
        pack=pack_of(reported.get("pack")),
        progress=reported.get("progress", "current"),
        detail=reported.get("detail", ""),
        right_percent=reported.get("right_percent"),
    )


def pack_of(raw: Mapping[str, Any] | None) -> PackName | None:
    """As it was stored; equal names are one object."""
    return _known_pack(raw["id"], raw["version"], raw["digest"]) if raw else None


@lru_cache(maxsize=1000)
def _known_pack(pack_id: str, version: int, digest: str) -> PackName:
    return PackName(id=pack_id, version=version, digest=digest)
