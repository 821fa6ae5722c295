"""Real servers of the tests' own, on free loopback ports: Mosquitto and PostgreSQL, to be killed.

No system service is used, and none is touched.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests import memory

WAIT_S = 30.0
"""Generous: machines that test are busy."""
POSTGRES = Path("/usr/lib/postgresql")
_OPEN = ("allow_anonymous true",)
PERSISTENT = (*_OPEN, "persistence true", "autosave_interval 1")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(found: Callable[[], object], what: str, wait_s: float = WAIT_S) -> None:
    """Until `found` gives something true; the failure names `what`."""
    end = time.monotonic() + wait_s
    while not found():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {wait_s:.0f} s for {what}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as trial:
        trial.settimeout(1)
        return trial.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process that listens on one port, for as long as the tests want it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again on the same port; back when it accepts connections."""
        log = self.folder / "log"
        with log.open("ab") as out:
            self.process = self._spawn(out.fileno())
        wait_until(self._ready, f"a server; see {log}")

    def kill(self) -> None:
        """SIGKILL to it and all of its own, as a power cut would."""
        if self.process is None:
            return
        own = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        for each in own:
            with _gone_is_fine():
                each.kill()
        psutil.wait_procs(own, timeout=WAIT_S)
        self.process.wait(WAIT_S)
        self.process = None

    def restart(self) -> None:
        """Killed, and started on the same port and data."""
        self.kill()
        self.start()

    def _spawn(self, out: int) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _ready(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"ended: {(self.folder / 'log').read_text()[-2000:]}")
        return listens(self.port)


class Mosquitto(Server):
    """Debian's broker with the given lines of configuration."""

    def __init__(self, folder: Path, lines: Sequence[str] = _OPEN, bare: bool = False) -> None:
        """`bare`: the lines say everything, listeners and data folder too, but for the user."""
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = tuple(lines)
        self._bare = bare

    @property
    def address(self) -> str:
        """HOST:PORT"""
        return f"127.0.0.1:{self.port}"

    def _spawn(self, out: int) -> subprocess.Popen[bytes]:
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join([*self._head(), *self._lines]) + "\n")
        command = [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", str(config)]
        return subprocess.Popen(command, stdout=out, stderr=out)

    def _head(self) -> list[str]:
        # As root it would become another user, who cannot write to the tests' folders.
        head = ["user root"] if os.geteuid() == 0 else []
        if self._bare:
            return head
        place = f"persistence_location {self.folder}/"
        return [*head, f"listener {self.port} 127.0.0.1", place, "max_queued_messages 100000"]


class Postgres(Server):
    """A cluster of its own. It refuses root, so then it is Debian's user `postgres`."""

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        """`settings`: as for `-c`, such as fsync=off."""
        super().__init__(folder)
        self._user = "postgres" if os.geteuid() == 0 else None
        self._settings = tuple(settings)
        if self._user:
            shutil.chown(folder, self._user, self._user)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    def url(self, database: str = "postgres") -> str:
        """As SQLAlchemy reads it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """URL of an empty database."""
        name = f"hub_{time.monotonic_ns()}"
        self._sql(f"create database {name}")
        return self.url(name)

    def _sql(self, statement: str) -> None:
        import psycopg

        where = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(_postgres_bin() / program), "-D", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd="/")

    def _spawn(self, out: int) -> subprocess.Popen[bytes]:
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
            "max_connections=50",
            *self._settings,
        ]
        command = [str(_postgres_bin() / "postgres"), "-D", str(self.folder / "data")]
        for each in settings:
            command += ["-c", each]
        return subprocess.Popen(command, stdout=out, stderr=out, user=self._user, cwd="/")

    def _ready(self) -> bool:
        import psycopg

        if not super()._ready():
            return False
        try:
            self._sql("select 1")
        except psycopg.OperationalError:
            return False
        return True


def _postgres_bin() -> Path:
    versions = sorted(POSTGRES.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        raise FileNotFoundError("PostgreSQL: apt-get install postgresql")
    return versions[-1].parent


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return


@contextmanager
def start_mosquitto(folder: Path, lines: Sequence[str] = _OPEN) -> Iterator[Mosquitto]:
    """A running broker; killed at the end."""
    server = Mosquitto(folder, lines)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def start_postgres(settings: Sequence[str] = ()) -> Iterator[Postgres]:
    """A running PostgreSQL in a folder that its user can reach; killed and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-postgres-", dir=memory.folder()))
    try:
        server = Postgres(folder, settings)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that lets everybody in and keeps what it must over a restart."""
    with start_mosquitto(tmp_path / "mosquitto", PERSISTENT) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One for all tests that need a database of a kind; do not kill it."""
    with start_postgres(["fsync=off"]) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()
