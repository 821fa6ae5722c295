"""Where scenes are played: a loudspeaker and a microphone in one room, at virtual time's pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

import numpy as np

from hardware.base import FRAME_S, FRAME_SAMPLES, Frame, Sound
from hardware.played import Played
from models.base import Samples
from terminal.bench.scene import Piece, Scene
from terminal.bench.scene_sound import SEED, Room
from terminal.events import State

Params = ParamSpec("Params")
Result = TypeVar("Result")

HISS = 10 ** (-66 / 20)
"""Of the microphone itself, of full scale."""
AFTER_S = 2.0
"""The kiosk is at rest for so long behind the script: the scene is over."""
PATIENCE_S = 30.0
"""For what a scene waits for, and for its end."""
RESTING = (State.IDLE, State.ATTENTIVE, State.HANDOFF)


class StageSpeaker:
    """A loudspeaker that takes the time that the sound takes."""

    def __init__(self, on_old_answer: Callable[[], None]) -> None:
        self.played = Played()
        self._on_old_answer = on_old_answer
        self._cancelled = -1
        self._turn = -1

    async def play(self, turn: int, sound: Sound) -> None:
        """Queue a piece."""
        if turn <= self._cancelled:
            self._on_old_answer()
        self._turn = turn
        self.played.queue(sound)

    async def finish(self, turn: int) -> None:
        """Wait until it was played."""
        while self.played.left and turn > self._cancelled:  # noqa: ASYNC110 - frames have no events
            await asyncio.sleep(FRAME_S)

    async def pause(self) -> None:
        """Stand still."""
        self.played.pause()

    async def resume(self) -> None:
        """Go on."""
        self.played.resume()

    async def cancel(self) -> None:
        """Drop the rest."""
        self._cancelled = self._turn
        self.played.cancel()


class StageMicrophone:
    """Hears the script, what is in the background, and the loudspeaker through the room."""

    def __init__(
        self,
        scene: Scene,
        sounds: Mapping[int, Samples],
        background: Samples | None,
        room: Room | None,
        played: Played,
        state: Callable[[], State],
        on_typed: Callable[[str], None],
        on_edge: Callable[[str, str, float], None],
    ) -> None:
        """`sounds`: of the script's pieces, by number. `on_edge`: id, begin or end, time."""
        self._scene = scene
        self._sounds = sounds
        self._background = background
        self._room = room
        self._played = played
        self._state = state
        self._on_typed = on_typed
        self._on_edge = on_edge
        self._under = background is not None and not (
            scene.background is not None and scene.background.after
        )
        self._place = 0
        self._hiss = np.random.default_rng(SEED)
        self._at = 0.0

    async def frames(self) -> AsyncIterator[Frame]:
        """Until the script is over and the kiosk at rest."""
        for number, piece in enumerate(self._scene.script):
            self._on_edge(piece.id, "begin", self._at)
            if piece.type:
                self._on_typed(piece.type)
            elif piece.wait is not None:
                async for frame in self._until(piece.wait):
                    yield frame
            else:
                async for frame in self._play(self._piece(number, piece)):
                    yield frame
            self._on_edge(piece.id, "end", self._at)
            if self._scene.background is not None and piece.id == self._scene.background.after:
                self._under |= bool(piece.id)
        async for frame in self._at_rest():
            yield frame

    def _piece(self, number: int, piece: Piece) -> Samples:
        if piece.pause:
            return np.zeros(round(piece.pause / FRAME_S) * FRAME_SAMPLES, np.float32)
        return self._sounds[number]

    async def _play(self, audio: Samples) -> AsyncIterator[Frame]:
        short = -len(audio) % FRAME_SAMPLES
        for near in np.pad(audio, (0, short)).reshape(-1, FRAME_SAMPLES):
            yield await self._frame(near)

    async def _until(self, wanted: State) -> AsyncIterator[Frame]:
        began = self._at
        while self._state() is not wanted:
            if self._at - began > PATIENCE_S:
                raise Vain
            yield await self._frame(np.zeros(FRAME_SAMPLES, np.float32))

    async def _at_rest(self) -> AsyncIterator[Frame]:
        began = self._at
        rested_s = 0.0
        while rested_s < AFTER_S and self._at - began < PATIENCE_S:
            rested_s = rested_s + FRAME_S if self._state() in RESTING else 0.0
            yield await self._frame(np.zeros(FRAME_SAMPLES, np.float32))

    async def _frame(self, near: Samples) -> Frame:
        await asyncio.sleep(FRAME_S)
        own = self._played.take()
        heard = near + HISS * self._hiss.standard_normal(FRAME_SAMPLES).astype(np.float32)
        if self._room is not None:
            heard = heard + self._room.echo(own.pcm)
        if self._under and self._background is not None:
            heard = heard + self._more(self._background)
        self._at = asyncio.get_running_loop().time()
        return Frame((np.clip(heard, -1, 1) * 32767).astype(np.int16), self._at)

    def _more(self, background: Samples) -> Samples:
        places = np.arange(self._place, self._place + FRAME_SAMPLES) % len(background)
        self._place += FRAME_SAMPLES
        more: Samples = background[places]
        return more


class Vain(Exception):
    """What the scene waits for does not come."""


class ChargedExecutor(Executor):
    """Does the work at once, and lets it end later in virtual time: by what it cost.

    The processor's time is charged, not the clock's, so that other work on the machine changes
    no scene; with two threads the real kiosk is sooner.
    """

    def __init__(self) -> None:
        self._free_at = 0.0
        self.spent_s = 0.0

    def submit(
        self, fn: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Result]:
        """Run `fn` now; its future is done when its time is over."""
        loop = asyncio.get_running_loop()
        future: Future[Result] = Future()
        began = time.process_time()
        finish: Callable[[], None]
        try:
            result = fn(*args, **kwargs)
            finish = lambda: _end(future, lambda: future.set_result(result))  # noqa: E731
        except Exception as error:  # noqa: BLE001 - as executors do
            broken = error
            finish = lambda: _end(future, lambda: future.set_exception(broken))  # noqa: E731
        cost_s = time.process_time() - began
        self.spent_s += cost_s
        self._free_at = max(self._free_at, loop.time()) + cost_s
        loop.call_at(self._free_at, finish)
        return future


def _end(future: Future[Result], finish: Callable[[], None]) -> None:
    if future.set_running_or_notify_cancel():
        finish()
