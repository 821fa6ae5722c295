"""Broker and database of a simulation, on loopback, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fleet.codec import MAX_MESSAGE_BYTES
from terminal.children import Child
from terminal.embedded_broker import EmbeddedBroker
from terminal.errors import KioskError
from terminal.ports import LOOPBACK, answers, free_port

START_S = 60.0
_POLL_S = 0.05
_POSTGRES = Path("/usr/lib/postgresql")

_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 100000
max_packet_size {packet}
max_connections -1
log_type error
log_type warning
"""


class Server(Protocol):
    """That chaos can kill."""

    port: int

    def kill(self) -> None:
        """As a power cut would."""
        ...

    def restart(self) -> None:
        """On the same port, with what it had kept."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class Mosquitto:
    """Debian's broker, with persistence."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        folder.mkdir(parents=True)
        self._folder = folder
        self._config = folder / "mosquitto.conf"
        text = _MOSQUITTO.format(port=self.port, folder=folder, packet=2 * MAX_MESSAGE_BYTES)
        # As root it would become a user who cannot write there.
        user = "user root\n" if os.geteuid() == 0 else ""
        self._config.write_text(user + text)
        self.child = self._start()

    def kill(self) -> None:
        """As a power cut would."""
        self.child.kill()

    def restart(self) -> None:
        """With what it had kept."""
        self.child = self._start()

    def stop(self) -> None:
        """End it."""
        self.child.stop()

    def _start(self) -> Child:
        program = found_mosquitto()
        if program is None:
            raise KioskError("missing", "Mosquitto is not installed: apt-get install mosquitto")
        command = [program, "-c", str(self._config)]
        child = Child("mosquitto", command, self._folder / "log.txt")
        wait_for(lambda: answers(self.port), child)
        return child


class Postgres:
    """A cluster of its own. PostgreSQL refuses root: then it is Debian's user `postgres`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        folder.mkdir(parents=True)
        if self._user:
            shutil.chown(folder, "postgres", "postgres")
        self._bin = _postgres_bin()
        make = [*self._user, str(self._bin / "initdb"), "-D", str(folder / "data")]
        more = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
        made = subprocess.run([*make, *more], capture_output=True, text=True, cwd="/", check=False)
        if made.returncode:
            raise KioskError("missing", f"PostgreSQL: {made.stderr.strip().splitlines()[-1]}")
        self.child = self._start()

    @property
    def url(self) -> str:
        """As SQLAlchemy reads it."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/postgres"

    def new(self, name: str) -> str:
        """URL of an empty database."""
        command = [str(self._bin / "createdb"), "-h", LOOPBACK, "-p", str(self.port)]
        subprocess.run([*command, "-U", "postgres", name], check=True, capture_output=True)
        return f"{self.url.rpartition('/')[0]}/{name}"

    def kill(self) -> None:
        """As a power cut would: the postmaster and all that it started."""
        self.child.kill()
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def restart(self) -> None:
        """It recovers by its log."""
        deadline = time.monotonic() + START_S
        while True:
            try:
                self.child = self._start()
            except KioskError:
                # What a killed one left may need a moment to be gone.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return

    def stop(self) -> None:
        """End it."""
        self.child.stop()

    def _start(self) -> Child:
        command = [*self._user, str(self._bin / "postgres"), "-D", str(self._folder / "data")]
        for each in (
            f"port={self.port}",
            f"listen_addresses={LOOPBACK}",
            f"unix_socket_directories={self._folder}",
            "max_connections=50",
        ):
            command += ["-c", each]
        child = Child("PostgreSQL", command, self._folder.parent / "postgres.log")
        wait_for(self._is_ready, child)
        return child

    def _is_ready(self) -> bool:
        check = [str(self._bin / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)]
        return subprocess.run(check, check=False).returncode == 0


def found_mosquitto() -> str | None:
    """Path of the program."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def start_broker(kind: str, folder: Path) -> Mosquitto | EmbeddedBroker:
    """`mosquitto`, `embedded`; or `auto`: Mosquitto where it is installed."""
    match kind:
        case "auto":
            return start_broker("mosquitto" if found_mosquitto() else "embedded", folder)
        case "mosquitto":
            return Mosquitto(folder / "mosquitto")
        case "embedded":
            return EmbeddedBroker(folder / "broker", free_port())
        case _:
            raise KioskError("input", f"--broker {kind}: give auto, mosquitto or embedded")


def wait_for(true: Callable[[], bool], child: Child, wait_s: float = START_S) -> None:
    """Until it is; KioskError if `child` ends before, or that takes too long."""
    deadline = time.monotonic() + wait_s
    while not true():
        child.check()
        if time.monotonic() > deadline:
            child.kill()
            raise KioskError("missing", f"{child.name} does not answer; see {child.log}")
        time.sleep(_POLL_S)


def _postgres_bin() -> Path:
    versions = sorted(_POSTGRES.glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    if not versions:
        raise KioskError("missing", "PostgreSQL is not installed: apt-get install postgresql")
    return versions[-1].parent
