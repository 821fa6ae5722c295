"""Many light kiosks: brought online one after another, kept busy, and waited for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from terminal.simulate.citizens import Citizens
from terminal.simulate.kiosk import Kiosk, World
from terminal.sync import signals as sig

PREFIX = "sim-"
_STEP_S = 0.02
_LOOK_S = 0.2
_GREET_S = 1.0


class Crowd:
    """The kiosks of one process."""

    def __init__(self, world: World, count: int, seed: int = 1) -> None:
        self.world = world
        self.kiosks = [
            Kiosk(f"{PREFIX}{number:05d}", world, Citizens(_chance(seed, number)))
            for number in range(1, count + 1)
        ]
        self._running: list[asyncio.Task[None]] = []

    @property
    def online(self) -> int:
        """Connected and subscribed now."""
        return sum(kiosk.is_on for kiosk in self.kiosks)

    @property
    def waiting(self) -> int:
        """Events that the hub has not acknowledged."""
        return sum(len(kiosk.outbox) for kiosk in self.kiosks)

    async def come(self, a_second: float, wait_s: float) -> int:
        """Start them, so many a second; how many were online at once in the end."""
        for kiosk in self.kiosks:
            self._running.append(asyncio.create_task(kiosk.run()))
            await asyncio.sleep(1 / a_second)
        await self.until(lambda: self.online == len(self.kiosks), wait_s)
        return self.online

    async def greet_hub(self, wait_s: float) -> bool:
        """Whether the hub acknowledges: its workers come up after its API.

        One kiosk asks again and again: what is published before anybody listens is nobody's.
        """
        first = self.kiosks[0]
        first.happen()
        deadline = asyncio.get_running_loop().time() + wait_s
        while first.outbox.in_flight and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_GREET_S)
            if first.outbox.in_flight:
                first.outbox.send_all_again()
                first.handle(sig.Recorded())
        self.world.tally.waits_s.clear()
        return not first.outbox.in_flight

    async def work(self, rate: float, seconds: float) -> None:
        """Citizens come by chance, `rate` events a second at all kiosks together."""
        clock, draw = asyncio.get_running_loop().time, self.world.draw
        began = clock()
        due = draw.expovariate(rate) if rate else seconds
        while (now := clock() - began) < seconds:
            while due <= now:
                draw.choice(self.kiosks).happen()
                due += draw.expovariate(rate)
            await asyncio.sleep(_STEP_S)

    async def drain(self, wait_s: float) -> int:
        """Wait until the hub has acknowledged everything; how many are left over."""
        await self.until(lambda: not self.waiting, wait_s)
        return self.waiting

    async def leave(self) -> None:
        """With a goodbye."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def until(self, true: Callable[[], bool], wait_s: float) -> bool:
        """Whether it came true in time."""
        deadline = asyncio.get_running_loop().time() + wait_s
        while not true():
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def traffic(self) -> tuple[int, int]:
        """Bytes sent and received by all, MQTT packets whole, until now."""
        wires = [kiosk.wire for kiosk in self.kiosks if kiosk.wire]
        tally = self.world.tally
        return (
            tally.sent_bytes + sum(wire.sent_bytes for wire in wires),
            tally.received_bytes + sum(wire.received_bytes for wire in wires),
        )


def _chance(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed} {number}")  # noqa: S311 - no secret
