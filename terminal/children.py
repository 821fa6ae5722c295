"""Programs that this one starts and that end with it, whichever way it ends.

Each has a session of its own: Ctrl-C at the terminal reaches this program alone, which then ends
them in its order. If this program is killed, the kernel ends them (Linux).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from terminal.errors import KioskError

_PR_SET_PDEATHSIG = 1
_STOP_S = 10.0
"""Long enough for a hub to commit what it holds."""


class Child:
    """A running program."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`name`: for messages. `log`: what it says, all starts one behind another."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log: IO[bytes] = log.open("ab")
        self._began = log.stat().st_size
        parent = os.getpid()
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **(env or {})},
            preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 - nothing but two system calls
        )

    @property
    def pid(self) -> int:
        """Of the program."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def check(self) -> None:
        """KioskError, with the last line that it said, if it has ended."""
        if not self.is_running:
            raise KioskError("missing", f"{self.name} ended: {self.last_line()} (see {self.log})")

    def last_line(self) -> str:
        """Of what this start has said."""
        with self.log.open("rb") as file:
            file.seek(self._began)
            lines = file.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def kill(self) -> None:
        """At once, with its own children, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()

    def stop(self, wait_s: float = _STOP_S) -> None:
        """Ask it to end, and make it end."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(wait_s)
        self.kill()


def _die_with(parent: int) -> None:
    """In the child: end when `parent` does, even if it has ended already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
