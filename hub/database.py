"""The hub's database: SQLite in its folder, or PostgreSQL by URL.

SQLite: write-ahead log, every commit on the disk before it is told (synchronous=FULL), and writers
who wait for each other from the start of their transaction, since none can be promoted later on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from fleet.errors import KioskError

BUSY_S = 30.0
"""How long one writer waits for the others."""
FILE = "hub.db"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_S * 1000:.0f}",
    "cache_size=-65536",
    "mmap_size=268435456",
)

_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Of PostgreSQL's client: a server that fell silent is noticed, and asked anew. Seconds; the last
one milliseconds."""


class Database:
    """An engine, and sessions on it."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy's; plain postgresql:// is taken by psycopg 3. KioskError if bad."""
        self.url = driver_url(url)
        self.engine = _engine(self.url)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        reading = self.engine.execution_options(hub_reads=True)
        self._read = sessionmaker(reading, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Or else it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    def write(self) -> AbstractContextManager[Session]:
        """`with database.write() as session:` one transaction, committed at the end."""
        return self._write.begin()

    def read(self) -> AbstractContextManager[Session]:
        """As `write`, for reading only: nobody has to wait."""
        return self._read.begin()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def default_url(folder: Path) -> str:
    """SQLite in the hub's folder."""
    return f"sqlite:///{folder.absolute() / FILE}"


def driver_url(url: str) -> str:
    """With the driver that the hub brings."""
    try:
        found = make_url(url)
    except ArgumentError as error:
        mend = "sqlite:///PATH or postgresql://USER@HOST/NAME"
        raise KioskError("input", f"database {url}: no such address; give {mend}") from error
    if found.drivername in {"postgresql", "postgres"}:
        found = found.set(drivername="postgresql+psycopg")
    if found.drivername not in {"postgresql+psycopg", "sqlite"}:
        raise KioskError("input", f"database {found.drivername}: give sqlite or postgresql")
    return found.render_as_string(hide_password=False)


def _engine(url: str) -> Engine:
    options: dict[str, Any] = {"json_serializer": _compact}
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY_S}, **options)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # pre_ping: a restarted server's old connections are not handed out.
    options |= {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}
    return create_engine(url, connect_args=_PATIENCE, **options)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of when a transaction begins is switched off: see `_begin_sqlite`.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("hub_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


_compact: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
