"""The self-test of a new pack: lint and its own questions, in a process that yields to others."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import terminal
from terminal.errors import KioskError

log = logging.getLogger(__name__)

SAYS = "self-test: "
"""What the process itself has to say, before anything that a library prints."""
TRY_S = 1800.0
"""A slow board with a large pack needs minutes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a pack did."""

    problem: str | None = None
    """Why it must not be used."""
    right_percent: float | None = None
    """Of its own questions; None where it has none."""


class Judge(Protocol):
    """Tries packs."""

    def try_pack(self, pack: Path, today: date) -> Verdict:
        """How the pack at `pack` does; KioskError if it could not be tried."""
        ...

    def stop(self) -> None:
        """The one that is tried is not wanted any more. From any thread."""
        ...


class ProcessJudge:
    """Runs `terminal.sync.trial` at the lowest priority, with the kiosk's encoder."""

    def __init__(self, encoder: str) -> None:
        """`encoder`: as in the settings."""
        self._encoder = encoder
        self._stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def try_pack(self, pack: Path, today: date) -> Verdict:
        """How the pack at `pack` does."""
        self._stopped.clear()
        place = str(Path(terminal.__file__).parents[1])
        path = os.pathsep.join(filter(None, (place, os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-m", "terminal.sync.trial", str(pack), self._encoder]
        self._process = subprocess.Popen(
            [*command, today.isoformat()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )
        try:
            with self._process as process:
                out, errors = _result(process)
        finally:
            self._process = None
        if process.returncode:
            said = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise KioskError("internal", f"{SAYS}ended by itself: {' '.join(said)}")
        for line in errors.decode("utf-8", "replace").splitlines():
            if line.startswith(SAYS):
                log.warning("%s", line)
        told = json.loads(out)
        return Verdict(told["problem"], told["right_percent"])

    def is_trying(self) -> bool:
        """Whether a pack is tried now. From any thread."""
        return self._process is not None

    def stop(self) -> None:
        """End it."""
        process = self._process
        if process is not None:
            process.kill()


def _result(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    try:
        return process.communicate(timeout=TRY_S)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise KioskError("internal", f"{SAYS}not done in {TRY_S:.0f} s") from error
