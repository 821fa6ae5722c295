"""Stand-ins for open sound devices."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import numpy as np

from hardware.portaudio import NUMBER, SOUND
from hardware.sound_process import Line, Lost, Opened, Packet

Step = Packet | Lost | float
"""What a device does next: gives a packet, is lost, or takes so many seconds."""


class FakeLine:
    """Does what it is told, then nothing for a while, and is lost."""

    def __init__(
        self, steps: Sequence[Step], opened: Opened | None = None, *, quiet_s: float | None = 2.0
    ) -> None:
        """quiet_s: for so long it gives nothing in the end; None: for good.

        Virtual time runs to the next timer while a thread works. Where none may, none is set.
        """
        self.opened = opened or Opened("USB Array", 48_000, 1, 0.06)
        self.orders: list[Packet] = []
        self.ended = False
        self._steps = list(steps)
        self._quiet_s = quiet_s
        self.given: asyncio.Queue[Packet] = asyncio.Queue()

    async def read(self) -> Packet:
        while self._steps:
            match self._steps.pop(0):
                case Lost() as lost:
                    raise lost
                case float(seconds):
                    await asyncio.sleep(seconds)
                case packet:
                    return packet
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self.given.get(), self._quiet_s)
        raise Lost("nothing comes from the device any more")

    def write(self, kind: bytes, payload: bytes = b"") -> None:
        self.orders.append((kind, payload))


class FakePort:
    """Opens one line after another; when there are no more, there is no device."""

    def __init__(self, *lines: FakeLine) -> None:
        self.opened_at: list[float] = []
        self._lines = list(lines)

    @contextlib.asynccontextmanager
    async def __call__(self) -> AsyncIterator[Line]:
        self.opened_at.append(asyncio.get_running_loop().time())
        if not self._lines:
            raise Lost("no input device called 'Array'; there are: none at all", missing=True)
        line = self._lines.pop(0)
        try:
            yield line
        finally:
            line.ended = True


def sound(
    seconds: float, level: int, *, rate_hz: int = 48_000, channels: int = 1, dropped: int = 0
) -> list[Step]:
    """Blocks of a steady level and a little noise, at their own pace."""
    count = round(seconds * rate_hz / 1536)
    noise = np.random.default_rng(3).integers(-3, 4, (1536, channels)) if level else 0
    block = (np.full((1536, channels), level) + noise).astype("<i2").tobytes()
    steps: list[Step] = []
    for _ in range(count):
        steps += [1536 / rate_hz, (SOUND, NUMBER.pack(dropped) + block)]
    return steps
