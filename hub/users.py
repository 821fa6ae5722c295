"""Who may use the hub's API. A token is shown once; the database has its hash alone."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Literal, get_args

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fleet.errors import KioskError
from hub.tables import User

Role = Literal["viewer", "operator", "publisher", "admin"]
"""Each may do what the one before may, and: operator: commands, tickets; publisher: packs,
rollouts; admin: users, tokens, revocation."""
ROLES: tuple[Role, ...] = get_args(Role)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")


def add(session: Session, name: str, role: str, now: float) -> str:
    """Make a user; the token. KioskError for a name that is taken or none."""
    if not _NAME.fullmatch(name):
        raise KioskError("input", f"user {name!r}: letters, digits and ._@- only, at most 100")
    if role not in ROLES:
        raise KioskError("input", f"role {role!r}: one of {', '.join(ROLES)}")
    if session.get(User, name) is not None:
        raise KioskError("input", f"user {name}: is there already; remove it first")
    token = secrets.token_urlsafe(32)
    session.add(User(name=name, role=role, token_sha256=_hash(token), added=now))
    session.flush()
    return token


def remove(session: Session, name: str) -> None:
    """Its token is worth nothing from now on. KioskError for the last admin, or nobody."""
    user = session.get(User, name)
    if user is None:
        raise KioskError("input", f"user {name}: there is none")
    admins = select(User.name).where(User.role == "admin")
    if user.role == "admin" and len(session.scalars(admins).all()) == 1:
        raise KioskError("input", f"user {name}: the last admin; add another first")
    session.execute(delete(User).where(User.name == name))


def everybody(session: Session) -> list[User]:
    """By name."""
    return list(session.scalars(select(User).order_by(User.name)))


def find(session: Session, token: str) -> User | None:
    """Whose token it is."""
    return session.scalar(select(User).where(User.token_sha256 == _hash(token)))


def touch(session: Session, name: str, now: float) -> None:
    """The user was here."""
    session.execute(update(User).where(User.name == name).values(used=now))


def may(role: str, needed: Role) -> bool:
    """Whether `role` includes `needed`."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def _hash(token: str) -> str:
    # A token has 256 random bits: nothing is gained by a slow hash.
    return hashlib.sha256(token.encode()).hexdigest()
