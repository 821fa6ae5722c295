"""A microphone of the machine's own, opened again whenever it is lost."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from hardware.base import FRAME_RATE_HZ, FRAME_SAMPLES, Frame
from hardware.level import Meter
from hardware.portaudio import NUMBER, SOUND
from hardware.sound_process import Line, Lost

DeviceState = Literal["on", "missing", "lost", "silent"]
"""`silent`: nothing but zeros comes, as from a microphone that is switched off."""
OnState = Callable[[DeviceState, str], None]
"""The second is a reason or a name, for the log."""
Open = Callable[[], AbstractAsyncContextManager[Line]]

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""Between tries to open a device; doubled each time."""
SETTLED_S = 5.0
"""A device that has worked so long starts those waits anew."""
STAYS_DEAD_S = 20.0
"""So much silence may be a driver that hangs; opening the device anew would tell."""
QUEUE_FRAMES = FRAME_RATE_HZ // FRAME_SAMPLES
"""About a second: older sound would only delay the answer to newer sound."""


class DeviceMicrophone:
    """Frames of a device, whatever rate and channels it has. One reader at a time."""

    def __init__(
        self,
        open_device: Open,
        on_state: OnState,
        *,
        channel: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`channel`: from 1; 0: the mean of all."""
        self.meter = Meter()
        self.dropped = 0
        """Frames thrown away because nobody read them in time."""
        self.latency_s = 0.0
        """Of the device's buffer."""
        self._open = open_device
        self._tell_state = on_state
        self._state: DeviceState | None = None
        self._channel = channel
        self._clock = clock
        self._queue: deque[Frame] = deque()
        self._changed = asyncio.Event()

    def forget(self) -> None:
        """Throw away what is queued: the visit is over."""
        self._queue.clear()

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames in order, for ever; their `at` goes on over a loss of the device."""
        began = self._clock()
        wait_s = FIRST_WAIT_S
        while True:
            opened_at = self._clock()
            try:
                async with self._open() as line, aclosing(self._listen(line, began)) as frames:
                    async for frame in frames:
                        yield frame
            except Lost as lost:
                self._lose(lost)
            if self._clock() - opened_at > SETTLED_S:
                wait_s = FIRST_WAIT_S
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def _listen(self, line: Line, began: float) -> AsyncGenerator[Frame, None]:
        """Frames until the device is lost, read off while the last one is still worked on."""
        self.meter = Meter()
        self.latency_s = line.opened.latency_s
        cutter = Cutter(line.opened.rate_hz, self._clock() - began)
        pump = asyncio.ensure_future(self._pump(line, cutter))
        pump.add_done_callback(lambda _: self._changed.set())
        try:
            while not pump.done() or self._queue:
                while self._queue:
                    yield self._queue.popleft()
                self._changed.clear()
                if not pump.done():
                    await self._changed.wait()
            await pump
        finally:
            pump.cancel()

    async def _pump(self, line: Line, cutter: Cutter) -> None:
        dropped = 0
        while True:
            kind, payload = await line.read()
            if kind != SOUND:
                continue
            (lost,) = NUMBER.unpack_from(payload)
            self.dropped, dropped = self.dropped + lost - dropped, lost
            pcm = np.frombuffer(payload, "<i2", offset=NUMBER.size)
            pcm = pcm.reshape(-1, line.opened.channels)
            self.meter.push(pcm, line.opened.rate_hz)
            self._judge(line)
            for frame in cutter.push(mono(pcm, self._channel)):
                self._put(frame)

    def _judge(self, line: Line) -> None:
        if not self.meter.is_dead:
            if self.meter.dead_s == 0:
                self._tell("on", line.opened.name)
            return
        self._tell("silent", "nothing but zeros: it is switched off, muted, or not connected")
        if self.meter.dead_s >= STAYS_DEAD_S:
            raise Lost("nothing but zeros")

    def _put(self, frame: Frame) -> None:
        if len(self._queue) >= QUEUE_FRAMES:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(frame)
        self._changed.set()

    def _lose(self, lost: Lost) -> None:
        if self._state == "silent" and not lost.missing:
            return  # Still the same trouble, looked at anew.
        self._tell("missing" if self._state in (None, "missing") else "lost", str(lost))

    def _tell(self, state: DeviceState, detail: str) -> None:
        if state != self._state:
            self._state = state
            self._tell_state(state, detail)


class Cutter:
    """Sound at any rate -> frames of 512 samples at 16 kHz."""

    def __init__(self, rate_hz: int, begins_at: float) -> None:
        """`begins_at`: seconds, of the first sample."""
        self._resampler = soxr.ResampleStream(rate_hz, FRAME_RATE_HZ, 1, dtype="float32")
        self._begins_at = begins_at
        self._count = 0
        self._rest: NDArray[np.int16] = np.zeros(0, np.int16)

    def push(self, sound: NDArray[np.float32]) -> list[Frame]:
        """sound: float32 [n], -32768..32767. What does not fill a frame is kept."""
        more = np.clip(np.round(self._resampler.resample_chunk(sound)), -32768, 32767)
        whole = np.concatenate([self._rest, more.astype(np.int16)])
        end = len(whole) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = whole[end:]
        return [self._frame(each) for each in whole[:end].reshape(-1, FRAME_SAMPLES)]

    def _frame(self, pcm: NDArray[np.int16]) -> Frame:
        self._count += FRAME_SAMPLES
        return Frame(pcm.copy(), self._begins_at + self._count / FRAME_RATE_HZ)


def mono(pcm: NDArray[np.int16], channel: int) -> NDArray[np.float32]:
    """pcm: int16 [n, channels]. channel: from 1; 0: the mean of all."""
    if channel and pcm.shape[1] >= channel:
        return pcm[:, channel - 1].astype(np.float32)
    mean: NDArray[np.float32] = pcm.mean(axis=1, dtype=np.float32)
    return mean
