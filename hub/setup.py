"""`kiosk hub init`: a hub's folder with everything in it, and its first admin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import select

from fleet.errors import KioskError
from hub import announcement, ca, keys, migrate, users
from hub.content import FOLDER, Content
from hub.database import Database
from hub.keys import OFFLINE
from hub.repository import Repository
from hub.tables import User

ADMIN = "admin"
KEYS = "keys"
_FOLDER_MODE = 0o700


def init(folder: Path, url: str, now: float) -> str:
    """The first admin's token, told only now. KioskError if it was done before."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    database = Database(url)
    migrate.upgrade(database)
    for make in makers():
        make(folder, now)
    with database.write() as session:
        if session.scalar(select(User.name).limit(1)) is not None:
            mend = "kiosk hub user add makes more users"
            raise KioskError("input", f"{folder}: this hub has been set up already; {mend}")
        announcement.make_epoch(session, now)
        token = users.add(session, ADMIN, ADMIN, now)
    database.close()
    return token


def makers() -> Sequence[Callable[[Path, float], None]]:
    """Each makes something in the folder, unless it is there: keys, authorities, content."""

    def own_keys(folder: Path, _now: float) -> None:
        keys.make_command_key(folder / KEYS)
        keys.make_enrol_key(folder / KEYS)

    def content(folder: Path, now: float) -> None:
        online = keys.Keyring(folder / KEYS)
        Repository(Content(folder / FOLDER), online).create(keys.Keyring(folder / OFFLINE), now)

    return [own_keys, ca.make, content]
