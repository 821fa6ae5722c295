"""Which kiosks are meant: by site, region, label, name, or all."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.errors import KioskError
from hub.tables import Kiosk

MAX_NAMED = 1000
"""Devices in one selection; more are chosen by what they have in common."""


class Selection(BaseModel):
    """All kiosks that fit every word; revoked ones never do."""

    model_config = ConfigDict(extra="forbid")

    site: str | None = None
    region: str | None = None
    label: str | None = None
    device: str | list[str] | None = Field(default=None, max_length=MAX_NAMED)
    all: bool = False

    @property
    def names(self) -> list[str]:
        """Of kiosks that are named."""
        if self.device is None:
            return []
        return [self.device] if isinstance(self.device, str) else self.device

    def words(self) -> dict[str, object]:
        """What was said, for the record."""
        return self.model_dump(exclude_defaults=True)


def devices(session: Session, chosen: Selection) -> list[str]:
    """Names in order; KioskError where nothing is said, a name is unknown, or nobody fits."""
    if not chosen.words():
        raise KioskError("input", "select: give site, region, label, device or all")
    asked = select(Kiosk.device, Kiosk.labels).where(Kiosk.revoked.is_(None))
    if chosen.site is not None:
        asked = asked.where(Kiosk.site == chosen.site)
    if chosen.region is not None:
        asked = asked.where(Kiosk.region == chosen.region)
    if chosen.names:
        asked = asked.where(Kiosk.device.in_(chosen.names))
    rows = session.execute(asked.order_by(Kiosk.device)).all()
    found = [device for device, labels in rows if chosen.label in (None, *(labels or ()))]
    unknown = sorted(set(chosen.names) - {device for device, _ in rows})
    if unknown:
        raise KioskError("input", f"select: no kiosk {unknown[0]} (or it is revoked)")
    if not found:
        raise KioskError("input", "select: no kiosk fits that")
    return found
