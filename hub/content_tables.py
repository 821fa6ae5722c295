"""Tables of what goes down: packs, rollouts, desired states, tokens and certificates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.tables import Base, Device, Json, Name, Number


class PackRow(Base):
    """A version of a pack that was published, for ever: its files may be gone since."""

    __tablename__ = "packs"
    label: Mapped[str] = mapped_column(Name, primary_key=True)
    """gov-hall@4"""
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[float]
    by: Mapped[str] = mapped_column(Name)


class RolloutRow(Base):
    """A rollout, as `hub.rollout.Rollout`."""

    __tablename__ = "rollouts"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    plan: Mapped[dict[str, Any]]
    chosen: Mapped[dict[str, Any]]
    """The selection of kiosks that it was begun with."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    wave: Mapped[int] = mapped_column(default=0)
    settled: Mapped[float | None]
    ended: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[float]
    by: Mapped[str] = mapped_column(Name)


class MemberRow(Base):
    """A kiosk in a rollout, as `hub.rollout.Member`."""

    __tablename__ = "rollout_members"
    rollout: Mapped[int] = mapped_column(
        ForeignKey("rollouts.id", ondelete="CASCADE"), primary_key=True
    )
    device: Mapped[str] = mapped_column(Device, primary_key=True, index=True)
    status: Mapped[str] = mapped_column(String(12))
    wave: Mapped[int] = mapped_column(default=0)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    right_before: Mapped[float | None]
    right_percent: Mapped[float | None]
    told: Mapped[float] = mapped_column(default=0.0)
    detail: Mapped[str] = mapped_column(Text, default="")


class SentRow(Base):
    """The version of a kiosk's desired state that the broker was last given."""

    __tablename__ = "desired_sent"
    device: Mapped[str] = mapped_column(Device, primary_key=True)
    version: Mapped[int]
    at: Mapped[float]


class TokenRow(Base):
    """A one-time token. Its secret is not here: it is derived from a key that is in a file."""

    __tablename__ = "enrol_tokens"
    token: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The public part."""
    site: Mapped[str] = mapped_column(Name, default="")
    region: Mapped[str] = mapped_column(Name, default="")
    labels: Mapped[list[str]] = mapped_column(default=list)
    device: Mapped[str | None] = mapped_column(Device)
    """For this kiosk alone, whose name is then free to be taken again."""
    renews: Mapped[bool] = mapped_column(default=False)
    """The kiosk is as it was, and its old certificate holds until it ends by itself."""
    made: Mapped[float] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(Name)
    expires: Mapped[float]
    used: Mapped[float | None]
    used_by: Mapped[str | None] = mapped_column(Device)
    asked: Mapped[str | None] = mapped_column(String(64))
    """sha256 of the CSR that it was used for: that one is answered again, if it got lost."""
    certificate: Mapped[str | None] = mapped_column(Text)
    """PEM, the chain."""


class CertificateRow(Base):
    """A kiosk's certificate."""

    __tablename__ = "certificates"
    serial: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Hexadecimal: it has 160 bits."""
    device: Mapped[str] = mapped_column(Device, index=True)
    issued: Mapped[float]
    expires: Mapped[float]
    revoked: Mapped[float | None]


class LeaseRow(Base):
    """Who does what only one process may do."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))
    until: Mapped[float]
