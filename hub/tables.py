"""The core tables of the hub; content, rollout and enrolment have theirs in modules of their own.

Times are seconds since 1970, UTC, by the hub's clock; an event's `at` is by the kiosk's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = JSON()
"""Not JSONB, which refuses what JSON allows: a NUL in a string."""
Number = BigInteger().with_variant(Integer(), "sqlite")
"""So that SQLite counts it up by itself."""
Device = String(63)
Name = String(100)


class Base(DeclarativeBase):
    """Of all tables of the hub."""

    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy wants it
        dict[str, Any]: Json,
        list[str]: Json,
        float: Double(),
        int: BigInteger(),
    }


class Meta(Base):
    """Facts about this database: `epoch` and whatever else is one value."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Kiosk(Base):
    """A kiosk of the fleet, what it should be, and what was last heard of it."""

    __tablename__ = "kiosks"
    device: Mapped[str] = mapped_column(Device, primary_key=True)
    site: Mapped[str] = mapped_column(Name, default="", index=True)
    region: Mapped[str] = mapped_column(Name, default="", index=True)
    hall: Mapped[str] = mapped_column(Name, default="", server_default="")
    """Its name; this and the next are as the kiosk's site file says."""
    window: Mapped[str] = mapped_column(Name, default="", server_default="")
    labels: Mapped[list[str]] = mapped_column(default=list)
    added: Mapped[float]
    added_by: Mapped[str] = mapped_column(Name, default="")
    revoked: Mapped[float | None]
    """When; nothing is taken from it since."""
    online: Mapped[bool] = mapped_column(default=False)
    """By its last birth or will; see `registry.state_of`."""
    boot: Mapped[int] = mapped_column(default=0)
    connection: Mapped[int] = mapped_column(default=0)
    app: Mapped[str] = mapped_column(Name, default="")
    seen: Mapped[float] = mapped_column(default=0.0)
    """When anything was last heard of it; within half a minute."""
    dropped: Mapped[int] = mapped_column(default=0)
    """Events that it lost for want of room."""
    reported: Mapped[dict[str, Any] | None]
    """The last `fleet.messages.Reported`."""
    reported_boot: Mapped[int] = mapped_column(default=0)
    reported_revision: Mapped[int] = mapped_column(default=0)
    reported_at: Mapped[float] = mapped_column(default=0.0)
    pack: Mapped[str] = mapped_column(Name, default="", index=True)
    """Label of the pack that it reports as in use."""
    desired: Mapped[dict[str, Any] | None]
    """The last `fleet.messages.Desired`."""
    desired_version: Mapped[int] = mapped_column(default=0)
    health: Mapped[dict[str, Any] | None]
    """The last `fleet.messages.Health`."""
    health_at: Mapped[float] = mapped_column(default=0.0)


class Event(Base):
    """What a kiosk reported; the primary key is what makes it happen exactly once.

    No free text is in `body`: that is in `unanswered` and `tickets`, each with its own end.
    """

    __tablename__ = "events"
    device: Mapped[str] = mapped_column(Device, primary_key=True)
    boot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[float]
    received: Mapped[float]
    body: Mapped[str] = mapped_column(Text)
    """JSON of the record."""
    __table_args__ = (
        Index("ix_events_received", "received"),
        Index("ix_events_kind_received", "kind", "received"),
        # The row lives in the key's tree: one tree less to write.
        {"sqlite_with_rowid": False},
    )


class Ticket(Base):
    """Staff were called, or somebody complained."""

    __tablename__ = "tickets"
    ticket: Mapped[str] = mapped_column(String(16), primary_key=True)
    device: Mapped[str] = mapped_column(Device, index=True)
    at: Mapped[float]
    received: Mapped[float] = mapped_column(index=True)
    visit: Mapped[str] = mapped_column(String(16))
    sort: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Name)
    story: Mapped[list[str]]
    closed: Mapped[float | None] = mapped_column(index=True)
    closed_by: Mapped[str] = mapped_column(Name, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class Unanswered(Base):
    """A question that the pack had no answer for."""

    __tablename__ = "unanswered"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    device: Mapped[str] = mapped_column(Device)
    at: Mapped[float]
    received: Mapped[float] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(String(12))
    pack: Mapped[str] = mapped_column(Name)
    language: Mapped[str] = mapped_column(String(3))
    nearest: Mapped[list[str]]
    text: Mapped[str | None] = mapped_column(Text)
    meaning: Mapped[str | None] = mapped_column(Text)


class Command(Base):
    """Something that a kiosk was told to do once."""

    __tablename__ = "commands"
    id: Mapped[str] = mapped_column(Name, primary_key=True)
    device: Mapped[str] = mapped_column(ForeignKey("kiosks.device"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    args: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(Name)
    at: Mapped[float] = mapped_column(index=True)
    expires: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(10), default="sent")
    detail: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[float]


class User(Base):
    """Who may use the API, by a token of which the hub knows the hash alone."""

    __tablename__ = "users"
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    role: Mapped[str] = mapped_column(String(12))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    added: Mapped[float]
    used: Mapped[float | None]


class Audit(Base):
    """What was done at the hub and who did it, and what a hostile device tried."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(Name)
    action: Mapped[str] = mapped_column(Name, index=True)
    target: Mapped[str] = mapped_column(Name, default="")
    detail: Mapped[str] = mapped_column(Text, default="")


class Refused(Base):
    """A message that can never be taken, for whoever looks into it; the newest few are kept."""

    __tablename__ = "refused"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    at: Mapped[float]
    topic: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes]
    """Its first bytes."""
