"""A loudspeaker of the machine's own, opened again whenever it is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import count

import numpy as np
import soxr
from numpy.typing import NDArray

from hardware.base import Sound
from hardware.device_microphone import (
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    SETTLED_S,
    DeviceState,
    OnState,
    Open,
)
from hardware.portaudio import DONE, HUSH, MARK, NUMBER, PAUSE, PLAY, RESUME, TICK
from hardware.sound_process import Line, Lost

STALLED_TICKS = 8
"""Two seconds in which the device has asked for no sound."""


class DeviceSpeaker:
    """A Speaker. While its device is lost every call returns at once and nothing is heard."""

    def __init__(
        self,
        open_device: Open,
        on_state: OnState,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.latency_s = 0.0
        """Of the device's buffer."""
        self._open = open_device
        self._tell_state = on_state
        self._state: DeviceState | None = None
        self._clock = clock
        self._line: Line | None = None
        self._numbers = count(1)
        self._marks: dict[int, asyncio.Event] = {}
        """Who waits for what was queued before a mark."""

    async def run(self) -> None:
        """Keep the device open until cancelled."""
        wait_s = FIRST_WAIT_S
        while True:
            opened_at = self._clock()
            try:
                async with self._open() as line:
                    self._line, self.latency_s = line, line.opened.latency_s
                    self._tell("on", line.opened.name)
                    await self._attend(line)
            except Lost as lost:
                self._tell("missing" if self._state in (None, "missing") else "lost", str(lost))
            finally:
                self._line = None
                self._release()
            if self._clock() - opened_at > SETTLED_S:
                wait_s = FIRST_WAIT_S
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def play(self, turn: int, sound: Sound) -> None:
        """Queue a piece of this turn's answer."""
        if (line := self._line) is None or not len(sound.pcm):
            return
        opened = line.opened
        pcm = await asyncio.to_thread(converted, sound, opened.rate_hz, opened.channels)
        if line is self._line:
            self._order(PLAY, pcm.tobytes())

    async def finish(self, turn: int) -> None:
        """Return when this turn has left the loudspeaker, was cancelled, or the device is lost."""
        if self._line is None:
            return
        number = next(self._numbers)
        heard = self._marks.setdefault(number, asyncio.Event())
        self._order(MARK, NUMBER.pack(number))
        try:
            await heard.wait()
        finally:
            self._marks.pop(number, None)

    async def pause(self) -> None:
        """Fall silent within the device's buffer, some 30 ms."""
        self._order(PAUSE)

    async def resume(self) -> None:
        """Go on where it was."""
        self._order(RESUME)

    async def cancel(self) -> None:
        """Fall silent as soon, and release whoever waits in `finish`."""
        self._order(HUSH)
        self._release()

    async def _attend(self, line: Line) -> None:
        """Read reports until the device is lost."""
        blocks = still = 0
        while True:
            kind, payload = await line.read()
            number = NUMBER.unpack(payload)[0] if kind in (DONE, TICK) else 0
            if kind == DONE and (heard := self._marks.get(number)):
                heard.set()
            elif kind == TICK:
                still = still + 1 if number == blocks else 0
                blocks = number
                if still >= STALLED_TICKS:
                    raise Lost("the device asks for no more sound")

    def _order(self, kind: bytes, payload: bytes = b"") -> None:
        if self._line is None:
            return
        try:
            self._line.write(kind, payload)
        except Lost:
            self._line = None  # `run` will hear of it from its reader.
            self._release()

    def _release(self) -> None:
        for heard in self._marks.values():
            heard.set()

    def _tell(self, state: DeviceState, detail: str) -> None:
        if state != self._state:
            self._state = state
            self._tell_state(state, detail)


def converted(sound: Sound, rate_hz: int, channels: int) -> NDArray[np.int16]:
    """int16 [n, channels] at the device's rate, the same on every channel."""
    audio = sound.pcm.astype(np.float32)
    if sound.rate_hz != rate_hz:
        audio = soxr.resample(audio, sound.rate_hz, rate_hz)
    pcm = np.clip(np.round(audio), -32768, 32767).astype("<i2")
    return np.repeat(pcm[:, None], channels, axis=1)
