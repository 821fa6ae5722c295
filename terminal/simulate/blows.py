"""The blows that a stage can take."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Protocol

import psutil

from terminal.simulate.nemesis import Blow, Strike
from terminal.simulate.proxy import Proxy
from terminal.simulate.stage import Stage

DELAY_S = 0.5
MIXED = 0.3
"""Share of publishes that come twice, or late."""


class Mortal(Protocol):
    """What can be killed and started again."""

    def kill(self) -> None:
        """SIGKILL."""
        ...

    def restart(self) -> None:
        """And wait until it works."""
        ...


def blows_of(stage: Stage) -> dict[Blow, Strike]:
    """All that broker, hub, database and network can suffer."""
    found: dict[Blow, Strike] = {
        "kill_broker": killing(stage.broker),
        "kill_hub": killing(stage.hub),
        "kill_worker": kill_worker(stage),
    }
    if stage.postgres:
        found["kill_database"] = killing(stage.postgres)
    if stage.proxy:
        found |= _of_network(stage.proxy)
    return found


def kill_worker(stage: Stage) -> Strike:
    """One of the processes that store; the hub starts another by itself."""

    async def strike(_lasts_s: float) -> None:
        if stage.hub.child and stage.hub.child.is_running:
            own = psutil.Process(stage.hub.child.pid).children(recursive=True)
            for worker in own[:1]:
                with suppress(psutil.NoSuchProcess):
                    worker.kill()

    return strike


def killing(victim: Mortal) -> Strike:
    """Dead for so long."""

    async def strike(lasts_s: float) -> None:
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(lasts_s)
        await asyncio.to_thread(victim.restart)

    return strike


def _of_network(proxy: Proxy) -> dict[Blow, Strike]:
    weather = proxy.weather

    async def cut(_lasts_s: float) -> None:
        proxy.cut()

    async def away(lasts_s: float) -> None:
        weather.up = False
        proxy.cut()
        await asyncio.sleep(lasts_s)
        weather.clear()

    def bad(name: str, value: float | bool) -> Strike:
        async def strike(lasts_s: float) -> None:
            setattr(weather, name, value)
            await asyncio.sleep(lasts_s)
            weather.clear()

        return strike

    return {
        "cut": cut,
        "away": away,
        "slow": bad("delay_s", DELAY_S),
        "swallow": bad("swallow", value=True),
        "twice": bad("twice", MIXED),
        "reorder": bad("reorder", MIXED),
    }
