"""The shell around the supervisor: looks at every stage once a second, and does what is due.

A stage is a small object that says how long it has been stuck and can be revived. systemd hears
of life only from here: a loop that hangs is its to end.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from terminal.errors import EXIT_STATUS, KioskError
from terminal.notify import Notifier
from terminal.supervisor import GiveUp, Patience, Restart, Supervisor
from terminal.worker import Worker

log = logging.getLogger(__name__)

LOOK_S = 1.0
ALIVE_S = 10.0
"""Between two signs of life for systemd; a third of its patience."""
LOOP_STUCK_S = 20.0
"""The event loop itself: where it hangs is written to the log before systemd ends it."""
LATE_S = 2.0
"""A look that comes so late was delayed by a machine asleep or a loop that hung: then nothing is
judged, since no stage could have answered."""
END_S = 15.0
"""After giving up: an orderly end that takes longer waits for the stage that hangs."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the kiosk that can hang."""

    name: str
    patience: Patience
    stuck_s: Callable[[float], float]
    """Seconds without progress at a time of the loop's clock; 0: it lives, or has nothing to do."""
    revive: Callable[[], None]
    """Start it again, alone; returns at once."""

    def with_patience(self, factor: float) -> Stage:
        """With so much more of it."""
        patience = self.patience
        more = Patience(patience.stuck_s * factor, patience.revival_s * factor)
        return replace(self, patience=more)


class Caretaker:
    """Of one kiosk. Lives on its event loop."""

    def __init__(
        self,
        stages: Sequence[Stage],
        notifier: Notifier,
        tell: Callable[[Restart | GiveUp], None] = lambda _verdict: None,
    ) -> None:
        """`tell`: of each stage that is found stuck, for the trace."""
        self._stages = {stage.name: stage for stage in stages}
        self._supervisor = Supervisor({stage.name: stage.patience for stage in stages})
        self._notifier = notifier
        self._tell = tell
        self.late = 0
        """Looks that came late: the loop hung, or the machine slept."""

    def report(self) -> dict[str, dict[str, object]]:
        """For the kiosk's health."""
        return self._supervisor.report()

    async def run(self) -> None:
        """Until cancelled; KioskError("stuck") where a stage cannot be revived."""
        clock = asyncio.get_running_loop().time
        alive_at = float("-inf")
        try:
            while True:
                if self._notifier.is_heard:
                    faulthandler.dump_traceback_later(LOOP_STUCK_S)
                due = clock() + LOOK_S
                await asyncio.sleep(LOOK_S)
                now = clock()
                if now - alive_at >= ALIVE_S:
                    self._notifier.alive()
                    alive_at = now
                if now - due > LATE_S:
                    self.late += 1
                    continue
                self.look(now)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def look(self, now: float) -> None:
        """Once."""
        stuck = {name: stage.stuck_s(now) for name, stage in self._stages.items()}
        for verdict in self._supervisor.look(now, stuck):
            self._tell(verdict)
            match verdict:
                case Restart(stage=name, stuck_s=seconds, times=times):
                    said = f"{name} has hung for {seconds:.0f} s: started again, alone"
                    log.error("%s (%d in ten minutes)", said, times)
                    self._notifier.status(said)
                    self._stages[name].revive()
                case GiveUp(stage=name):
                    end_soon(END_S)
                    raise KioskError(
                        "stuck", f"{name} hangs again and again: the program must start anew"
                    )


def end_soon(wait_s: float) -> None:
    """End this process by force if it has not ended by then: what hangs must not hold it."""

    def end() -> None:
        log.error("the end takes too long: forced")
        os._exit(EXIT_STATUS["stuck"])

    timer = threading.Timer(wait_s, end)
    timer.daemon = True
    timer.start()


def of_worker(name: str, worker: Executor, patience: Patience, revive: Callable[[], None]) -> Stage:
    """The stage of a thread: stuck with the job that it has in hand."""

    def stuck_s(_now: float) -> float:
        return worker.busy_s if isinstance(worker, Worker) else 0.0

    return Stage(name, patience, stuck_s, revive)


class Renewable:
    """A coroutine that can be ended and begun anew while the rest of the kiosk goes on."""

    def __init__(self, begin: Callable[[], Coroutine[None, None, None]]) -> None:
        self._begin = begin
        self._task: asyncio.Task[None] | None = None
        self._again = False

    async def run(self) -> None:
        """Until it ends by itself, or this is cancelled."""
        while True:
            self._again = False
            self._task = asyncio.ensure_future(self._begin())
            try:
                await self._task
            except asyncio.CancelledError:
                if not self._again:
                    raise
            else:
                return

    def renew(self) -> None:
        """End it and begin it anew."""
        if self._task is not None and not self._task.done():
            self._again = True
            self._task.cancel()


class Frames:
    """The microphone's progress: frames, where its device says that it is on."""

    def __init__(self, taken: Callable[[], int], is_on: Callable[[], bool]) -> None:
        """`taken`: frames so far. `is_on`: False while the device is known to be lost."""
        self._taken = taken
        self._is_on = is_on
        self._count = -1
        self._at = 0.0

    def stuck_s(self, now: float) -> float:
        """Since the last frame, in seconds."""
        count = self._taken()
        if count != self._count or not self._is_on():
            self._count, self._at = count, now
        return now - self._at
