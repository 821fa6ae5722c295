"""Small stand-ins for the kiosk's parts, passed to constructors."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from hardware.base import FRAME_S, FRAME_SAMPLES, Frame, Sound
from models.base import Samples, Transcript
from terminal.display import Showing

Params = ParamSpec("Params")
Result = TypeVar("Result")

LOUD, FAINT, QUIET = 8000, 500, 0
"""Sample values: speech, sound that is no speech, silence."""
SPEECH_FROM = 1000
CALL_S = 0.8
"""Of sound, and `FakeWake` has heard its phrase."""


def frames(*pieces: tuple[float, int]) -> list[Frame]:
    """Sound as (seconds, sample value) pieces, in whole frames."""
    levels = [level for seconds, level in pieces for _ in range(round(seconds / FRAME_S))]
    return [
        Frame(np.full(FRAME_SAMPLES, level, np.int16), (index + 1) * FRAME_S)
        for index, level in enumerate(levels)
    ]


class LoudnessVad:
    """Takes for speech what is loud."""

    def __init__(self) -> None:
        self.resets = 0

    def probability(self, frame: Samples) -> float:
        return 1.0 if float(np.abs(frame).max()) * 32768 >= SPEECH_FROM else 0.0

    def reset(self) -> None:
        self.resets += 1


class FakeWake:
    """Takes 0.8 s of loud sound for its phrase."""

    phrase = "你好小政"

    def __init__(self, score: float = 0.8) -> None:
        self.score = score
        self.resets = 0
        self._silence = 0
        self._sound = 0

    def push(self, samples: Samples) -> float:
        loud = float(np.abs(samples).max()) * 32768 >= SPEECH_FROM
        self._silence = 0 if loud else self._silence + 1
        self._sound += loud
        return self.score if self._sound * FRAME_S >= CALL_S and self._silence <= 2 else 0.0

    def reset(self) -> None:
        self.resets += 1
        self._silence = self._sound = 0


class FakeHeard:
    """An utterance with a first and a second reading."""

    def __init__(self, transcript: Transcript, second: Transcript, asked: list[list[str]]) -> None:
        self.transcript = transcript
        self._second = second
        self._asked = asked

    def again(self, terms: Sequence[str]) -> Transcript:
        self._asked.append(list(terms))
        return self._second


class FakeRecognizer:
    """Hears the given texts, one an utterance (the last one ever after)."""

    def __init__(self, *texts: str, second: str = "", log_probability: float = -0.2) -> None:
        self.error: Exception | None = None
        self.audio: list[Samples] = []
        self.terms: list[list[str]] = []
        self.again: list[list[str]] = []
        self._texts = list(texts)
        self._second = second
        self._log_probability = log_probability

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> FakeHeard:
        self.audio.append(audio)
        self.terms.append(list(terms))
        if self.error is not None:
            raise self.error
        text = self._texts[min(len(self.audio), len(self._texts)) - 1]
        first = Transcript(text, log_probability=self._log_probability, alternatives=("别的",))
        return FakeHeard(first, Transcript(self._second), self.again)


class FakeVoice:
    """Says a character in 0.1 s, as a tone of the given level."""

    sample_rate_hz = 8000

    def __init__(self, name: str = "fake/one", level: float = 0.5) -> None:
        self.name = name
        self.said: list[tuple[str, float]] = []
        self.error: Exception | None = None
        self.before: Callable[[], None] = lambda: None
        """Runs at the beginning of each clause."""
        self._level = level

    def say(self, text: str, speed: float = 1.0) -> Samples:
        self.before()
        self.said.append((text, speed))
        if self.error is not None:
            raise self.error
        characters = sum(char.isalnum() for char in text)
        return np.full(int(characters * 800 / speed), self._level, np.float32)

    def unsayable(self, text: str) -> list[str]:
        return []


class FakeEncoder:
    """Likeness of meaning as likeness of characters and their pairs."""

    dimensions = 256

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(sentences), self.dimensions), np.float32)
        for row, text in enumerate(sentences):
            for piece in [*text, *(text[i : i + 2] for i in range(len(text) - 1))]:
                vectors[row, zlib.crc32(piece.encode("utf-8", "replace")) % self.dimensions] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        scaled: NDArray[np.float32] = vectors / np.maximum(norms, 1e-9)
        return scaled

    def states(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """As wide as the real encoder's, so that the trained models take them."""
        return np.tile(self.encode(sentences), (1, 4)) * np.float32(0.5)


class HeldExecutor(Executor):
    """Keeps work until it is told to do it."""

    def __init__(self) -> None:
        self._held: list[Callable[[], None]] = []
        self._futures: list[Future[Any]] = []

    def submit(
        self, fn: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Result]:
        future: Future[Result] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - as an executor does
                future.set_exception(error)

        self._held.append(work)
        self._futures.append(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for future in self._futures if cancel_futures else []:
            future.cancel()

    @property
    def waiting(self) -> int:
        return len(self._held)

    def work(self) -> None:
        """Do the oldest piece."""
        self._held.pop(0)()

    def work_off(self) -> None:
        """Do all."""
        while self._held:
            self.work()


class FakeMicrophone:
    """Plays frames at their own pace."""

    def __init__(self, sound: Sequence[Frame]) -> None:
        self._sound = sound

    async def frames(self) -> AsyncIterator[Frame]:
        for frame in self._sound:
            await asyncio.sleep(FRAME_S)
            yield frame


class FakeSpeaker:
    """Takes as long as the sound does; notes when it began, paused, ended, or was cut off."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, float]] = []
        """Turn and loop time of each piece queued."""
        self.paused_at: list[float] = []
        self.resumed_at: list[float] = []
        self.cancelled_at: list[float] = []
        self.finished: list[int] = []
        self._until = 0.0
        self._held_s: float | None = None
        self._changed = asyncio.Event()
        self._silenced = False

    async def play(self, turn: int, sound: Sound) -> None:
        self.heard.append((turn, self._now))
        self._silenced = False
        if self._held_s is None:
            self._until = max(self._now, self._until) + sound.seconds
        else:
            self._held_s += sound.seconds

    async def finish(self, turn: int) -> None:
        while not self._silenced and (self._held_s is not None or self._until - self._now > 1e-6):
            self._changed.clear()
            left_s = None if self._held_s is not None else self._until - self._now
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left_s)
        if not self._silenced:
            self.finished.append(turn)

    async def pause(self) -> None:
        self.paused_at.append(self._now)
        self._held_s = max(0.0, self._until - self._now)
        self._changed.set()

    async def resume(self) -> None:
        self.resumed_at.append(self._now)
        if self._held_s is not None:
            self._until = self._now + self._held_s
            self._held_s = None
        self._changed.set()

    async def cancel(self) -> None:
        self.cancelled_at.append(self._now)
        self._until = 0.0
        self._held_s = None
        self._silenced = True
        self._changed.set()

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()


class FakeDisplay:
    """Notes what is shown."""

    def __init__(self) -> None:
        self.shown: list[Showing] = []

    def show(self, command: Showing) -> None:
        self.shown.append(command)


def texts_held(thing: object, seen: set[int] | None = None) -> Iterator[str]:
    """Every string that can be reached from `thing`."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for pair in thing.items():
            yield from texts_held(pair, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for each in thing:
            yield from texts_held(each, seen)
    else:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        for name in [*getattr(thing, "__dict__", {}), *slots]:
            yield from texts_held(getattr(thing, name, None), seen)
