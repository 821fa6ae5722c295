"""Which stages a running kiosk has, how patient it is with each, and how each is revived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from terminal.assembly import Loading
from terminal.caretaker import Frames, Renewable, Stage, of_worker
from terminal.lookout import Lookout, MotionLookout
from terminal.runner import Engines, Runner
from terminal.supervisor import Patience

HEARING = Patience(stuck_s=15.0)
"""A frame costs milliseconds."""
RECOGNIZING = Patience(stuck_s=45.0)
"""Twenty seconds of speech, on the smallest board, heard twice."""
SPEAKING = Patience(stuck_s=45.0)
"""A long clause, made at three times its length."""
MICROPHONE = Patience(stuck_s=20.0, revival_s=30.0)
"""A device that gives nothing for two seconds is opened anew by itself; this is its last resort."""
SEEING = Patience(stuck_s=40.0)
"""The kernel's own patience with a camera is ten seconds, for opening it and for a picture."""


def of_runner(
    runner: Runner, engines: Engines, loading: Loading, *, system_echo: bool
) -> list[Stage]:
    """The three threads."""
    senses = partial(loading.senses, system_echo=system_echo)
    ear = partial(loading.renew_ear, engines.ear)
    voices = partial(loading.renew_voices, engines.speaking)
    workers = runner.workers
    return [
        of_worker("hearing", workers.hearing, HEARING, lambda: runner.revive_hearing(senses)),
        of_worker(
            "recognizing", workers.recognizing, RECOGNIZING, lambda: runner.revive_recognizing(ear)
        ),
        of_worker("speaking", workers.speaking, SPEAKING, lambda: runner.revive_speaking(voices)),
    ]


def of_microphone(runner: Runner, listening: Renewable, is_on: Callable[[], bool]) -> Stage:
    """Frames that arrive; `is_on`: the device says that it gives some."""
    frames = Frames(lambda: runner.frames, is_on)
    return Stage("microphone", MICROPHONE, frames.stuck_s, listening.renew)


class Watch:
    """The lookout, which can be opened anew."""

    def __init__(
        self,
        lookout: Lookout | MotionLookout,
        open_again: Callable[[], Lookout | MotionLookout | None],
    ) -> None:
        """`open_again` loads its model: it is called off the loop."""
        self._next: Lookout | MotionLookout | None = lookout
        self._now = lookout
        self._open = open_again
        self._spared = False
        self._running = Renewable(self._watch)

    async def run(self) -> None:
        """As the lookout does; when that is ended, its thread is at rest."""
        try:
            await self._running.run()
        finally:
            if isinstance(self._now, Lookout):
                await asyncio.to_thread(self._now.end)

    def spare(self, spared: bool) -> None:
        """Look at fewer pictures, or at all again."""
        self._spared = spared
        if isinstance(self._now, Lookout):
            self._now.spared = spared

    @property
    def stage(self) -> Stage:
        """For the caretaker."""
        return Stage("seeing", SEEING, self._stuck_s, self._running.renew)

    def _stuck_s(self, _now: float) -> float:
        return self._now.busy_s if isinstance(self._now, Lookout) else 0.0

    async def _watch(self) -> None:
        lookout, self._next = self._next, None
        if lookout is None:
            lookout = await asyncio.to_thread(self._open)
        if lookout is not None:
            self._now = lookout
            self.spare(self._spared)
            await lookout.run()
