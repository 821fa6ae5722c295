"""Running pip and apt: their output is kept, and only what they complain of is shown.

If this program is killed, the kernel ends them (Linux): left alone, apt would go on, and hold
its lock against the next run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, STDOUT

from models.progress import Meter

POLL_S = 0.5
_PR_SET_PDEATHSIG = 1


class ProgramError(Exception):
    """The program did not do it."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output
        """All that it printed."""


def run(
    command: Sequence[str],
    settings: Mapping[str, str] | None = None,
    growing: Path | None = None,
    meter: Meter = lambda _: None,
) -> str:
    """What it printed. `settings`: environment over this process's own.

    `meter` follows the bytes below the folder `growing`. ProgramError.
    """
    env = {**os.environ, "LC_ALL": "C.UTF-8", **(settings or {})}
    with tempfile.TemporaryFile() as out:
        try:
            child = subprocess.Popen(
                command,
                env=env,
                stdin=DEVNULL,
                stdout=out,
                stderr=STDOUT,
                preexec_fn=partial(_die_with, os.getpid()),  # noqa: PLW1509 - two system calls
            )
        except OSError as error:
            raise ProgramError(f"{command[0]} does not run ({error.strerror})") from error
        try:
            status = _watch(child, growing, meter)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        out.seek(0)
        said = out.read().decode("utf-8", "replace")
    if status != 0:
        raise ProgramError(said)
    return said


def _die_with(parent: int) -> None:
    """In the new process, before the program: end when `parent` does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died meanwhile
        os._exit(1)


def _watch(child: subprocess.Popen[bytes], growing: Path | None, meter: Meter) -> int:
    while True:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(POLL_S)
        if growing is not None:
            meter(folder_bytes(growing))


def folder_bytes(folder: Path) -> int:
    """Of all files below it, while some may come and go."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total
