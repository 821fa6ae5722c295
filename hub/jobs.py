"""What is to be done again and again, on one thread: none of it may take long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from hub.context import Job

LOG = logging.getLogger(__name__)


class Jobs:
    """Runs each job at once, and then every so often; what is asked for in between comes first."""

    def __init__(self, jobs: Sequence[Job], stopping: threading.Event) -> None:
        self._due = dict.fromkeys(range(len(jobs)), 0.0)
        self._jobs = jobs
        self._stopping = stopping
        self._wake = threading.Event()
        self._asked: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """When what is under way is done; `stopping` is set before."""
        self._wake.set()
        self._thread.join(30)

    def ask(self, *work: Callable[[], None]) -> None:
        """Do it once, soon; from any thread."""
        self._asked += work
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            while self._asked:
                _do("on connection", self._asked.pop(0))
            now = time.monotonic()
            for number, job in enumerate(self._jobs):
                if now >= self._due[number] and not self._stopping.is_set():
                    _do(job.name, job.run)
                    self._due[number] = time.monotonic() + job.every_s
            next_s = min(self._due.values(), default=now + 60) - time.monotonic()
            self._wake.wait(max(0.0, next_s))


def _do(name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        LOG.exception("job %s", name)
