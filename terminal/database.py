"""The kiosk's one small database: SQLite that lives on when the disk is full, read-only or damaged.

Whatever goes wrong with the disk, callers get a `DiskError` that says which of the three it is,
and the kiosk goes on. Belongs to a lock: any thread may call, one at a time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Trouble = Literal["full", "damaged", "unwritable"]

BALLAST_BYTES = 1 << 20
"""Given up when the disk is full: SQLite's WAL grows before a DELETE frees anything."""
WAL_PAGES = 128
"""Half a megabyte, then it is written back into the database: less than the ballast."""
_FULL, _DAMAGED = (sqlite3.SQLITE_FULL,), (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

# FULL: with NORMAL a power cut takes back commits that were told as stored, since only a
# checkpoint is synced. It costs one fsync a commit; a kiosk commits a few times a minute.
_PRAGMAS = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = {WAL_PAGES};
PRAGMA journal_size_limit = {BALLAST_BYTES};
PRAGMA cache_size = -1000;
PRAGMA temp_store = MEMORY;
PRAGMA secure_delete = ON;
"""


class DiskError(Exception):
    """The database could not be written."""

    def __init__(self, trouble: Trouble, said: str) -> None:
        super().__init__(said)
        self.trouble: Trouble = trouble


class Database:
    """A SQLite file in a folder, with the ballast beside it."""

    def __init__(self, folder: Path, name: str, schema: str) -> None:
        """Never raises: without a disk there is no connection, and every write says so."""
        self._folder = folder
        self._file = folder / f"{name}.db"
        self._ballast = folder / f"{name}.ballast"
        self._schema = schema
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self.losses = 0
        """Times that a damaged file was set aside since the program began."""
        try:
            self._open()
        except sqlite3.Error as error:
            self._set_aside_or_give_up(error)
        except OSError as error:
            log.error("%s: cannot be used (%s); the kiosk keeps in memory", folder, error.strerror)
        self.refill()

    def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run `work` in a transaction of its own; it is on the disk when this returns."""
        with self._lock:
            connection = self._ready()
            try:
                connection.execute("BEGIN IMMEDIATE")
                result = work(connection)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise self._trouble(error) from error
            return result

    def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run `work`, which only reads."""
        with self._lock:
            connection = self._ready()
            try:
                return work(connection)
            except sqlite3.Error as error:
                raise self._trouble(error) from error

    def give_up_ballast(self) -> bool:
        """Room for deletion on a full disk; False where it is gone already."""
        try:
            self._ballast.unlink()
        except OSError:
            return False
        log.warning("%s: the disk is full; ballast given up", self._folder)
        return True

    def refill(self) -> None:
        """Take ballast again, once there is room, with some to spare for others."""
        if self._connection is None or self._ballast.exists():
            return
        new = self._ballast.with_suffix(".new")
        try:
            if shutil.disk_usage(self._folder).free < 2 * BALLAST_BYTES:
                return
            # Not sparse, and nothing that a file system could squeeze.
            with new.open("wb") as file:
                file.write(os.urandom(BALLAST_BYTES))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._ballast)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)

    def close(self) -> None:
        """Write all back."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
        self._connection = None

    def _ready(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._open()
            except sqlite3.Error as error:
                raise self._trouble(error) from error
            except OSError as error:
                raise DiskError("unwritable", str(error)) from error
        assert self._connection is not None  # noqa: S101 - `_open` raises or sets it
        return self._connection

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            made.executescript(_PRAGMAS)
            made.executescript(self._schema)
            said = made.execute("PRAGMA quick_check(1)").fetchone()[0]
            if said != "ok":
                raise sqlite3.DatabaseError(said)
            self._file.chmod(0o600)
        except BaseException:
            made.close()
            raise
        self._connection = made

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _trouble(self, error: sqlite3.Error) -> DiskError:
        code = getattr(error, "sqlite_errorcode", None)
        kind = None if code is None else code & 0xFF
        if kind in _FULL:
            return DiskError("full", str(error))
        if kind in _DAMAGED or (kind is None and isinstance(error, sqlite3.DatabaseError)):
            self._set_aside_or_give_up(error)
            return DiskError("damaged", str(error))
        return DiskError("unwritable", str(error))

    def _set_aside_or_give_up(self, error: sqlite3.Error) -> None:
        """A damaged database is kept for whoever wants to look, and a new one begun."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if code & 0xFF not in _DAMAGED:
            log.error("%s: %s; the kiosk keeps in memory", self._file, error)
            return
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        self.losses += 1
        aside = self._file.with_suffix(".damaged")
        log.error("%s: damaged (%s); set aside as %s, begun anew", self._file, error, aside.name)
        try:
            self._file.replace(aside)
            for suffix in (".db-wal", ".db-shm"):
                self._file.with_suffix(suffix).unlink(missing_ok=True)
            self._open()
        except (OSError, sqlite3.Error) as again:
            log.error("%s: cannot be begun anew (%s); the kiosk keeps in memory", aside, again)
