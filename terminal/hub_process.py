"""A hub of this machine, as a program of its own: made if it is new, then served on loopback."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from terminal.children import Child
from terminal.errors import KioskError
from terminal.ports import LOOPBACK, free_port

START_S = 60.0
_POLL_S = 0.1


class HubProcess:
    """Runs until `stop`, or until this program ends."""

    def __init__(
        self,
        folder: Path,
        broker_port: int,
        *,
        port: int | None = None,
        workers: int = 1,
        database: str | None = None,
    ) -> None:
        """`folder`: made by `init_hub`. Nothing runs before `start`."""
        self.port = port or free_port()
        self.folder = folder
        self.database = database or f"sqlite:///{folder.absolute() / 'hub.db'}"
        self._command = [
            *(sys.executable, "-m", "hub", "serve"),
            *("--data", str(folder)),
            *("--broker", f"{LOOPBACK}:{broker_port}"),
            *("--host", LOOPBACK, "--port", str(self.port)),
            *("--workers", str(workers)),
            *(("--database", database) if database else ()),
        ]
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """Of its HTTP API."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / "hub.log"

    def start(self) -> None:
        """Start it; `wait` tells when it answers."""
        self.child = Child("the hub", self._command, self.log)

    def wait(self, wait_s: float = START_S) -> None:
        """Until it is well; KioskError with its last line if it ends instead."""
        deadline = time.monotonic() + wait_s
        while not self._is_well():
            if self.child is None:
                raise KioskError("internal", "the hub was not started")
            self.child.check()
            if time.monotonic() > deadline:
                raise KioskError("missing", f"the hub does not answer; see {self.child.log}")
            time.sleep(_POLL_S)

    def _is_well(self) -> bool:
        """It has database and broker."""
        try:
            return bool(httpx.get(f"{self.url}/healthz", timeout=5, trust_env=False).is_success)
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """As a power cut would, with its workers."""
        if self.child:
            self.child.kill()

    def restart(self) -> None:
        """After `kill`."""
        self.start()
        self.wait()

    def stop(self) -> None:
        """End it, when it has committed what it holds."""
        if self.child:
            self.child.stop()


def init_hub(folder: Path, database: str | None = None) -> str:
    """Make a hub's folder, keys and database; the first admin's token, which is told only now."""
    command = [sys.executable, "-m", "hub", "init", "--data", str(folder)]
    command += ["--database", database] if database else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise KioskError("missing", f"the hub cannot be made: {said[-1] if said else 'no word'}")
    words = done.stdout.split()
    if not words:
        raise KioskError("internal", "kiosk hub init printed no token")
    return words[-1]


def trusted_keys(folder: Path) -> dict[str, str]:
    """The hub's public signing keys, as kiosks keep them: id -> base64."""
    keys = {}
    for file in sorted((folder / "keys").glob("command-*.pem")):
        private = load_pem_private_key(file.read_bytes(), password=None)
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        keys[file.stem.removeprefix("command-")] = base64.b64encode(raw).decode()
    return keys
