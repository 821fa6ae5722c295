"""A lease in the database: of several hub processes, one does what only one may do."""

from __future__ import annotations

import secrets

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.content_tables import LeaseRow
from hub.database import Database

LIVES_S = 15.0
"""After this another takes over from who died; clocks of the processes differ by less."""


class Lease:
    """One process's claim to a name."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._holder = secrets.token_hex(16)
        self._until = 0.0

    def holds(self, now: float) -> bool:
        """Whether it is ours, renewed if half of its life is over."""
        if self._until - 2 * LIVES_S < now < self._until - LIVES_S / 2:
            return True
        try:
            with self._database.write() as session:
                held = self._take(session, now)
        except IntegrityError:  # another was first to make the row
            held = False
        self._until = now + LIVES_S if held else 0.0
        return held

    def is_still_ours(self, session: Session, now: float) -> bool:
        """For the transaction that does the work: locked until its end."""
        row = session.get(LeaseRow, self._name, with_for_update=True)
        return row is not None and row.holder == self._holder and now < row.until

    def _take(self, session: Session, now: float) -> bool:
        if session.get(LeaseRow, self._name) is None:
            session.add(LeaseRow(name=self._name, holder=self._holder, until=now + LIVES_S))
            return True
        # One that ends too far from now was made before the clock was set back.
        stale = (LeaseRow.until < now) | (LeaseRow.until > now + 2 * LIVES_S)
        free = (LeaseRow.holder == self._holder) | stale
        asked = update(LeaseRow).where(LeaseRow.name == self._name, free)
        taken = session.execute(asked.values(holder=self._holder, until=now + LIVES_S))
        return bool(getattr(taken, "rowcount", 0))
