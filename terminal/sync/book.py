"""The commands that came: an id is put down before it is acted on, and never acted on twice."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Literal

from fleet.messages import Command
from terminal.database import Database, DiskError
from terminal.sync.signals import Ran, Status

KEPT = 5000
"""Ids remembered. Commands expire long before so many have come."""
INTERRUPTED = "the kiosk was restarted while it was at it; give it again"

_STATUS: dict[str, Status] = {"done": "done", "failed": "failed", "refused": "refused"}


class Book:
    """A table in the outbox's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, command: Command, clock_s: float) -> Literal["new", "known", "unwritable"]:
        """Put it down; "new" only the first time, and only where that lasts."""

        def note(db: sqlite3.Connection) -> bool:
            known = db.execute("SELECT 1 FROM commands WHERE id = ?", (command.id,)).fetchone()
            if known is None:
                row = (command.id, command.kind, clock_s, "accepted", "", 0)
                db.execute("INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?)", row)
                db.execute(
                    "DELETE FROM commands WHERE id NOT IN"
                    " (SELECT id FROM commands ORDER BY at DESC LIMIT ?)",
                    (KEPT,),
                )
            return known is None

        try:
            return "new" if self._database.write(note) else "known"
        except DiskError as error:
            if error.trouble != "full" or not self._database.give_up_ballast():
                return "unwritable"
        with contextlib.suppress(DiskError):
            return "new" if self._database.write(note) else "known"
        return "unwritable"

    def settle(self, result: Ran) -> None:
        """What came of it; it is to be told."""
        values = (result.status, result.detail[:300], result.command.id)
        with contextlib.suppress(DiskError):
            self._database.write(
                lambda db: db.execute(
                    "UPDATE commands SET status = ?, detail = ?, told = 0 WHERE id = ?", values
                )
            )

    def told(self, command: str) -> None:
        """The broker has taken the result."""
        with contextlib.suppress(DiskError):
            self._database.write(
                lambda db: db.execute("UPDATE commands SET told = 1 WHERE id = ?", (command,))
            )

    def results(self, device: str, command: str | None = None) -> list[Ran]:
        """Those not told yet; or that of one command, told or not, if it has one."""
        where = "told = 0" if command is None else "id = ?"
        query = (
            f"SELECT id, kind, status, detail FROM commands WHERE status != 'accepted' AND {where}"  # noqa: S608
        )
        return [
            Ran(_command(device, id_, kind), _STATUS[status], detail)
            for id_, kind, status, detail in self._rows(
                query, () if command is None else (command,)
            )
        ]

    def interrupted(self, device: str) -> list[Ran]:
        """Commands of an earlier start that nothing is known of; a restart was meant to happen."""
        rows = self._rows("SELECT id, kind FROM commands WHERE status = 'accepted'", ())
        return [
            Ran(
                _command(device, id_, kind),
                "done" if kind == "reload" else "failed",
                "" if kind == "reload" else INTERRUPTED,
            )
            for id_, kind in rows
        ]

    def _rows(self, query: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
        try:
            return self._database.read(lambda db: db.execute(query, values).fetchall())
        except DiskError:
            return []


def _command(device: str, id_: str, kind: str) -> Command:
    """As much of it as was put down."""
    return Command.model_validate({"device": device, "id": id_, "kind": kind, "by": "hub"})
