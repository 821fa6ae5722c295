"""One-time tokens for enrolment: made by admins, told once.

The database holds no secret of any: HMAC needs the secret itself on both sides, so a hash would
not do, and the secret is derived from the token's public part by a key that is in a file. Whoever
reads the database, or a copy of it, has no token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.errors import KioskError
from fleet.fields import Name
from fleet.topics import DeviceId
from hub.content_tables import TokenRow
from hub.tables import Kiosk

MAX_LIVES_S = 30 * 86_400
Place = Annotated[str, Field(max_length=100)]


class Wanted(BaseModel):
    """A token, as an admin asks for it."""

    model_config = ConfigDict(extra="forbid")

    site: Place = ""
    region: Place = ""
    labels: Annotated[list[Name], Field(max_length=50)] = []
    lives_s: Annotated[float, Field(gt=0, le=MAX_LIVES_S)] = 86_400
    device: DeviceId | None = None
    """For this kiosk alone, as after a swap of its board: its old certificate is revoked then."""


def make(
    session: Session, key: bytes, wanted: Wanted, by: str, now: float, *, renews: bool = False
) -> str:
    """A new token, whole."""
    public = secrets.token_hex(6)
    session.add(
        TokenRow(
            token=public,
            site=wanted.site,
            region=wanted.region,
            labels=list(wanted.labels),
            device=wanted.device,
            renews=renews,
            made=now,
            by=by,
            expires=now + wanted.lives_s,
        )
    )
    return whole(key, public)


def for_renewal(session: Session, key: bytes, device: str, now: float, lives_s: float) -> str:
    """A token by which a kiosk gets a new certificate while the old one still holds."""
    if session.get(Kiosk, device) is None:
        raise KioskError("missing", f"no kiosk {device}")
    wanted = Wanted(device=device, lives_s=lives_s)
    return make(session, key, wanted, "hub", now, renews=True)


def whole(key: bytes, public: str) -> str:
    """PUBLIC.SECRET"""
    return f"{public}.{secret(key, public)}"


def secret(key: bytes, public: str) -> str:
    """Of any public part, whether it was ever given out or not."""
    mac = hmac.new(key, b"lobby-kiosk enrolment\n" + public.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode()[:32]


def rows(session: Session, limit: int = 200) -> list[dict[str, Any]]:
    """The newest first, as the API tells them: nothing in it lets anybody in."""
    found = session.scalars(select(TokenRow).order_by(TokenRow.made.desc()).limit(limit))
    return [
        {
            "token": row.token,
            "site": row.site,
            "region": row.region,
            "labels": row.labels,
            "device": row.device,
            "made": row.made,
            "by": row.by,
            "expires": row.expires,
            "used": row.used,
            "used_by": row.used_by,
        }
        for row in found
    ]
