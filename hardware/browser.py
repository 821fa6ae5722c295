"""The microphone, the speaker and the camera of a browser tab, at the end of some socket.

Nothing here knows the socket: whoever owns it feeds frames and reports in, and takes messages out.
All of it lives on one event loop; call it from there only.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable

import numpy as np

from hardware.base import FRAME_RATE_HZ, FRAME_SAMPLES, Frame, Sound
from hardware.browser_camera import BrowserCamera

FRAME_BYTES = FRAME_SAMPLES * 2
QUEUE_FRAMES = FRAME_RATE_HZ // FRAME_SAMPLES
"""About a second: older sound would only delay the answer to newer sound."""

PATIENCE_S = 2.0
"""How long a page may be late with its report that the sound is over."""

CLOCK_S = 0.01
"""A timer may fire so much before its time."""

_HEADER = struct.Struct("<II")
"""Turn and sample rate, before int16 PCM. A header alone ends the turn's answer."""

Outgoing = dict[str, object] | bytes
"""What goes to the page: a JSON object, or sound."""


class BrowserMicrophone:
    """The tab's microphone: a bounded queue that the socket fills.

    One reader at a time. It outlives tabs: while none is there, frames are merely absent.
    """

    def __init__(self) -> None:
        self.received = 0
        """Frames taken."""
        self.dropped = 0
        """Frames thrown away because nobody read them in time."""
        self.refused = 0
        """Pieces that were not exactly one frame long."""
        self._queue: deque[Frame] = deque()
        self._changed = asyncio.Event()
        self._closed = False

    def feed(self, data: bytes) -> bool:
        """Take 1024 bytes, int16 little-endian [512], 16 kHz; False if it is anything else."""
        if len(data) != FRAME_BYTES:
            self.refused += 1
            return False
        self.received += 1
        at = self.received * FRAME_SAMPLES / FRAME_RATE_HZ
        if len(self._queue) >= QUEUE_FRAMES:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(Frame(np.frombuffer(data, dtype="<i2").astype(np.int16), at))
        self._changed.set()
        return True

    def forget(self) -> None:
        """Throw away what is queued: the visit or the tab is over."""
        self._queue.clear()

    def close(self) -> None:
        """End `frames` once what is queued has been read."""
        self._closed = True
        self._changed.set()

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames in order until `close`; their `at` counts the sound received, dropped or not."""
        while True:
            while self._queue:
                yield self._queue.popleft()
            if self._closed:
                return
            self._changed.clear()
            await self._changed.wait()


class BrowserSpeaker:
    """The tab's speaker. Without a tab every call returns at once and nothing is heard."""

    def __init__(self, send: Callable[[Outgoing], None], patience_s: float = PATIENCE_S) -> None:
        self.unreported = 0
        """Answers whose end the page never reported."""
        self._send = send
        self._patience_s = patience_s
        self._page = False
        self._silent_at = 0.0
        """On the loop's clock: when all that was sent will have been played."""
        self._held_s: float | None = None
        """Paused: sound that is still to be played."""
        self._over: dict[int, asyncio.Event] = {}

    async def play(self, turn: int, sound: Sound) -> None:
        """Send a piece of this turn's answer; the page plays pieces without a gap."""
        if not self._page or not len(sound.pcm):
            return
        self._send(_HEADER.pack(turn, sound.rate_hz) + sound.pcm.astype("<i2").tobytes())
        if self._held_s is not None:
            self._held_s += sound.seconds
        else:
            self._silent_at = max(self._silent_at, _now()) + sound.seconds

    async def finish(self, turn: int) -> None:
        """Return when the page has played this turn, was hushed or left, or is overdue."""
        if not self._page:
            return
        over = self._over.setdefault(turn, asyncio.Event())
        self._send(_HEADER.pack(turn, 0))
        try:
            if not await self._reported(over):
                self.unreported += 1
        finally:
            self._over.pop(turn, None)

    async def pause(self) -> None:
        """Freeze the page's sound."""
        if self._page and self._held_s is None:
            self._held_s = max(0.0, self._silent_at - _now())
            self._send({"type": "pause"})

    async def resume(self) -> None:
        """Let it go on."""
        if self._page and self._held_s is not None:
            self._silent_at = _now() + self._held_s
            self._held_s = None
            self._send({"type": "resume"})

    async def cancel(self) -> None:
        """Hush the page and release whoever waits in `finish`."""
        if self._page:
            self._send({"type": "hush"})
        self._release()

    def played(self, turn: int) -> None:
        """The page reports that the last sound of this turn was heard."""
        if over := self._over.get(turn):
            over.set()

    def opened(self) -> None:
        """A page is there."""
        self._page = True

    def closed(self) -> None:
        """The page is gone, and its sound with it."""
        self._page = False
        self._release()

    async def _reported(self, over: asyncio.Event) -> bool:
        """Whether the page reports the end in time; a paused page has all the time it wants."""
        while True:
            held_s = self._held_s
            left_s = max(0.0, self._silent_at - _now()) if held_s is None else held_s
            try:
                async with asyncio.timeout(left_s + self._patience_s):
                    await over.wait()
                return True
            except TimeoutError:
                overdue_at = self._silent_at + self._patience_s
                if self._held_s is None and _now() + CLOCK_S >= overdue_at:
                    return False

    def _release(self) -> None:
        self._silent_at = 0.0
        self._held_s = None
        for over in self._over.values():
            over.set()


def _now() -> float:
    return asyncio.get_running_loop().time()


class BrowserLink:
    """All ends of one tab."""

    def __init__(self, send: Callable[[Outgoing], None]) -> None:
        self.microphone = BrowserMicrophone()
        self.speaker = BrowserSpeaker(send)
        self.camera = BrowserCamera()

    def opened(self) -> None:
        """A page is there."""
        self.microphone.forget()
        self.speaker.opened()

    def closed(self) -> None:
        """The page is gone: what it said and saw is forgotten, what it played is over."""
        self.microphone.forget()
        self.camera.forget()
        self.speaker.closed()
