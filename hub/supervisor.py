"""Processes that are to run as long as the hub does: started again when they die."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import IO

LOG = logging.getLogger(__name__)
STABLE_S = 30.0
"""Whoever lived so long is started again at once."""
_WAITS_S = (0.2, 1.0, 2.0, 5.0, 10.0)
STOP_S = 15.0


class Supervisor:
    """One thread for each process."""

    def __init__(self, command: Sequence[str], count: int) -> None:
        self._command = list(command)
        self._stopping = threading.Event()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._keep, args=(number,), name=f"worker {number}")
            for number in range(count)
        ]

    @property
    def pids(self) -> list[int]:
        """Of those that run."""
        return [each.pid for each in list(self._running.values()) if each.poll() is None]

    def start(self) -> None:
        """All of them."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask them to end, and make those that do not."""
        self._stopping.set()
        for each in list(self._running.values()):
            each.terminate()
        for thread in self._threads:
            thread.join()

    def _keep(self, number: int) -> None:
        attempt = 0
        while not self._stopping.is_set():
            begin = time.monotonic()
            # Its standard input ends with this process, however that ends: then it ends too.
            with subprocess.Popen(self._command, stdin=subprocess.PIPE) as process:
                self._running[number] = process
                status = self._wait(process)
            if self._stopping.is_set():
                return
            attempt = 0 if time.monotonic() - begin > STABLE_S else attempt + 1
            wait_s = _WAITS_S[min(attempt, len(_WAITS_S)) - 1] if attempt else 0.0
            LOG.error("worker %d ended (%d); again in %.1f s", number, status, wait_s)
            self._stopping.wait(wait_s)

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        while True:
            try:
                return process.wait(0.5 if self._stopping.is_set() else 1.0)
            except subprocess.TimeoutExpired:
                if self._stopping.is_set():
                    return _end(process)


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def when_parent_ends(stream: IO[bytes], stopping: threading.Event) -> None:
    """In a process that was started here: set `stopping` when the supervisor is no more."""

    def watch() -> None:
        # Not the stream's own read: it would hold a lock that the interpreter wants at its end.
        while os.read(stream.fileno(), 4096):
            pass
        stopping.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
