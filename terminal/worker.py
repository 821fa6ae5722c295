"""A thread for a stage's work that can be left behind when it hangs.

A native call that never returns cannot be ended; but the kiosk need not wait for it. `abandon`
fails what that thread had before it, and goes on with a new one.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")

STOP_S = 10.0
"""How long the end waits for the job in hand; one that hangs is left behind."""


class Abandoned(Exception):
    """Of the jobs of a thread that hung."""


class Worker(Executor):
    """One thread at a time, in the order of submission. Any thread may call."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.left_behind = 0
        """Threads that hung."""
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._line = _Line(name, clock)

    def submit(
        self, fn: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Result]:
        """Do it when all before it is done."""
        with self._lock:
            return self._line.put(lambda: fn(*args, **kwargs))

    @property
    def busy_s(self) -> float:
        """How long the job in hand has been taking; 0 where there is none."""
        return self._line.busy_s

    def abandon(self, first: Callable[[], None], reason: str) -> Future[None]:
        """Leave the thread behind; the next one does `first` before all else."""
        with self._lock:
            hung, self._line = self._line, _Line(self._name, self._clock)
            self.left_behind += 1
            future = self._line.put(first)
        hung.leave(reason)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """No more jobs; wait for the one in hand, but not for ever."""
        with self._lock:
            self._line.close(cancel=cancel_futures)
        if wait:
            self._line.join(STOP_S)


class _Job:
    def __init__(self, work: Callable[[], Any]) -> None:
        self.future: Future[Any] = Future()
        self._work = work

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self._work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
            with suppress(InvalidStateError):
                self.future.set_exception(error)
        else:
            # Nobody waits any more for what comes after its thread was left behind.
            with suppress(InvalidStateError):
                self.future.set_result(result)

    def fail(self, reason: str) -> None:
        with suppress(InvalidStateError):
            if not self.future.cancelled():
                self.future.set_exception(Abandoned(reason))


class _Line:
    """A thread and what waits for it."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._now: tuple[_Job, float] | None = None
        """The job in hand, and when it was begun."""
        self._closed = False
        self._left_for: str | None = None
        """Why the thread was left behind."""
        # A daemon: the end of the program does not wait for one that hangs.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def busy_s(self) -> float:
        now = self._now
        return 0.0 if now is None else self._clock() - now[1]

    def put(self, work: Callable[[], Any]) -> Future[Any]:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        job = _Job(work)
        self._queue.put(job)
        return job.future

    def leave(self, reason: str) -> None:
        self._left_for = reason
        if (now := self._now) is not None:
            now[0].fail(reason)
        for job in self._drained():
            job.fail(reason)
        self._queue.put(None)

    def close(self, *, cancel: bool) -> None:
        self._closed = True
        for job in self._drained() if cancel else ():
            job.future.cancel()
        self._queue.put(None)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _drained(self) -> list[_Job]:
        jobs: list[_Job] = []
        with suppress(queue.Empty):
            while True:
                if (job := self._queue.get_nowait()) is not None:
                    jobs.append(job)
        return jobs

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            if self._left_for is not None:
                job.fail(self._left_for)
                return
            self._now = job, self._clock()
            job.run()
            # What it was about must not live on while the thread waits.
            self._now = None
            del job
