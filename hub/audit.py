"""What was done at the hub, by whom; and what was tried: written once, never changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.tables import Audit

MAX_DETAIL = 1000
_MAX_KEYS = 10_000


def note(
    session: Session, at: float, who: str, action: str, target: str = "", detail: str = ""
) -> None:
    """Add a line; it is there when the session's transaction is."""
    session.add(
        Audit(
            at=at,
            who=_clean(who)[:100],
            action=action[:100],
            target=_clean(target)[:100],
            detail=_clean(detail)[:MAX_DETAIL],
        )
    )


def rows(session: Session, limit: int = 200, who: str = "", action: str = "") -> list[Any]:
    """The newest first, as the API tells them."""
    asked = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if who:
        asked = asked.where(Audit.who == who)
    if action:
        asked = asked.where(Audit.action == action)
    return [
        {"at": row.at, "who": row.who, "action": row.action, "target": row.target}
        | {"detail": row.detail}
        for row in session.scalars(asked)
    ]


class Limiter:
    """At most one line about the same thing in `every_s`: a flood must not fill the database."""

    def __init__(self, clock: Callable[[], float], every_s: float = 60.0) -> None:
        self._clock = clock
        self._every_s = every_s
        self._last: dict[object, float] = {}

    def allows(self, about: object) -> bool:
        """Whether it is time to say it; if so, it is taken as said."""
        now = self._clock()
        if now - self._last.get(about, -self._every_s) < self._every_s:
            return False
        if len(self._last) >= _MAX_KEYS:
            self._last.clear()
        self._last[about] = now
        return True


def _clean(text: str) -> str:
    """One line, without what PostgreSQL's text cannot hold."""
    one = " ".join(text.replace("\x00", "").split())
    return one.encode("utf-8", "replace").decode()
