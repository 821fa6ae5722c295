"""Bring a database to the newest revision, and say which it has.

A new revision: `python -m hub.migrate "what it is for"` writes one from the difference between the
tables in the code and a fresh database; read it, then commit it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.engine import Connection

from fleet.errors import KioskError
from hub.database import Database

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_301_977
"""Of PostgreSQL's advisory locks: two hubs that start at once migrate one after the other."""


def metadata() -> MetaData:
    """Of all tables; a module with tables of its own is imported here."""
    import hub.content_tables  # noqa: F401 - for its tables
    from hub import tables

    return tables.Base.metadata


def newest() -> str:
    """Revision that this code was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise KioskError("internal", f"{FOLDER}: no revision")
    return head


def revision(database: Database) -> str | None:
    """Of the database; None if it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> str:
    """To the newest; the revision. Safe for several at once."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(_config(connection), "head")
    return newest()


def check(database: Database) -> None:
    """KioskError unless the database has the newest revision."""
    found = revision(database)
    if found != newest():
        state = f"is of revision {found}, not {newest()}" if found else "is empty"
        raise KioskError("input", f"database {state}: run kiosk hub migrate")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _write(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/fresh.db")
        if any((FOLDER / "versions").glob("0*.py")):
            upgrade(database)
        with database.engine.begin() as connection:
            name = f"{len(list((FOLDER / 'versions').glob('0*.py'))) + 1:04d}"
            command.revision(_config(connection), message, autogenerate=True, rev_id=name)


if __name__ == "__main__":
    _write(sys.argv[1])
