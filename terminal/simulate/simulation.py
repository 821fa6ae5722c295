"""`kiosk simulate`: a fleet on this machine, its load, its accidents, and the row at the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from terminal.bench import figures
from terminal.errors import KioskError
from terminal.hub_api import HubApi
from terminal.ports import LOOPBACK
from terminal.simulate import blows, crowd, nemesis, push, tally, troop
from terminal.simulate.crowd import Crowd
from terminal.simulate.history import read
from terminal.simulate.judge import Ended, Verdict, judge
from terminal.simulate.kiosk import Kiosk, World
from terminal.simulate.limits import allow_files
from terminal.simulate.pull import Cost
from terminal.simulate.stage import Stage, open_stage
from terminal.simulate.stored import stored
from terminal.simulate.tally import Tally
from terminal.simulate.troop import Troop, troop_of

Row = dict[str, object]
Say = Callable[[str], None]

PACK = "gov-hall"
COME_A_SECOND = 200.0
ONLINE_WAIT_S = 180.0
DRAIN_WAIT_S = 180.0
STORM_WAIT_S = 300.0
PUSH_AT = 0.4
"""Share of the chaos after which another pack is rolled out."""
FILES_A_KIOSK = 3
"""Its own socket, and the proxy's two; the broker needs one, and inherits the limit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to simulate."""

    kiosks: int
    rate: float
    """Events a second, of all kiosks together."""
    minutes: float
    chaos: bool = False
    broker: str = "auto"
    workers: int = 1
    database: str = "sqlite"
    devices: int = 0
    """Besides: kiosks as processes of their own, with all of the real device side."""
    seed: int = 1
    storm: bool = True
    """Kill the broker in the end, and see how the kiosks come back."""
    push: bool = True
    """Change one answer in the end, and see how it gets to all kiosks; under chaos, in its
    midst."""

    @property
    def has_packs(self) -> bool:
        """Whether packs play a part in it."""
        return self.push or self.devices > 0


def simulate(wanted: Wanted, folder: Path, say: Say) -> tuple[Row, Verdict]:
    """Run it in `folder`; the row, and what the judge found."""
    allow_files(wanted.kiosks * FILES_A_KIOSK)
    chance = random.Random(wanted.seed)  # noqa: S311 - no secret
    versions = push.two_versions(PACK, folder / "pack", date.today())
    with open_stage(
        folder,
        broker=wanted.broker,
        workers=wanted.workers,
        database=wanted.database,
        proxy=chance if wanted.chaos else None,
    ) as stage:
        say("broker, hub and database are up")
        rate = wanted.rate / wanted.kiosks
        with troop_of(wanted.devices, stage, versions.first, rate, chance) as troop:
            return asyncio.run(_Run(wanted, stage, troop, versions, chance, say).run())


class _Run:
    """One simulation."""

    def __init__(
        self,
        wanted: Wanted,
        stage: Stage,
        troop: Troop,
        versions: push.Versions,
        chance: random.Random,
        say: Say,
    ) -> None:
        self.wanted, self.stage, self.troop, self.say = wanted, stage, troop, say
        self.versions = versions
        self.chance = chance
        self.tally = Tally()
        world = World(LOOPBACK, stage.port, stage.keys, self.tally, chance)
        self.crowd = Crowd(world, wanted.kiosks, wanted.seed)
        self.api = HubApi(stage.hub.url, stage.token)
        self.costs: list[Cost] = []
        self.row: Row = {}
        self.pack = push.name_of(versions.first).label
        """That all should have in the end."""

    async def run(self) -> tuple[Row, Verdict]:
        """From the first connection to the judge."""
        if self.stage.proxy:
            await self.stage.proxy.start()
        try:
            await self._come()
            await self._work()
            if self.wanted.storm and not self.wanted.chaos:
                await self._storm()
            if self.wanted.push and not self.wanted.chaos:
                await self._push()
            return await self._judge()
        finally:
            await self.crowd.leave()
            if self.stage.proxy:
                await self.stage.proxy.stop()
            self.api.close()

    async def _come(self) -> None:
        """With the first pack, as from a stick."""
        self.say(f"{self.wanted.kiosks:,} kiosks come online")
        began = time.monotonic()
        if self.wanted.has_packs:
            await asyncio.to_thread(self.api.publish, self.versions.first)
            has = push.held(self.versions.first, self.stage.hub.folder / "content")
            self.costs = push.equip(self.crowd, push.name_of(self.versions.first), has)
        self.troop.start()
        online = await self.crowd.come(COME_A_SECOND, ONLINE_WAIT_S)
        took = time.monotonic() - began
        self.row |= {
            "kiosks": self.wanted.kiosks,
            "devices": self.wanted.devices,
            "online": online,
            "online_s": round(took, 1),
        }
        if not await self.crowd.greet_hub(ONLINE_WAIT_S):
            raise KioskError("missing", f"the hub acknowledges nothing; see {self.stage.hub.log}")
        self.say(f"{online:,} online after {took:.0f} s; {self.wanted.rate:g} events/s")

    async def _work(self) -> None:
        seconds = self.wanted.minutes * 60
        work = self.crowd.work(self.wanted.rate, seconds)
        if self.wanted.chaos:
            await asyncio.gather(work, self._chaos(seconds))
        else:
            await work
        self.say("no more events; waiting until all are acknowledged")
        began = time.monotonic()
        left = await self.crowd.drain(DRAIN_WAIT_S)
        safe = self.tally.safe_at
        self.row |= {
            "unacknowledged": left,
            "drained_s": round(time.monotonic() - began, 1),
            "rate_a_second": tally.rate(safe),
            "batches": self.tally.batches,
            "event_to_ack_ms": tally.milliseconds(self.tally.waits_s),
        }

    async def _chaos(self, seconds: float) -> None:
        """And in the midst of it all should get another pack."""
        how = blows.blows_of(self.stage) | self.troop.blows()
        struck = asyncio.create_task(
            nemesis.strike(nemesis.plan(self.chance, seconds, how), how, self.say)
        )
        await asyncio.sleep(seconds * PUSH_AT)
        if self.wanted.push:
            await self._roll_out(self.versions.second)
        done = await struck
        self.row["blows"] = {name: sum(each.blow == name for each in done) for name in how}

    async def _roll_out(self, index: Path) -> None:
        """Again, until the hub that is being killed has taken it."""
        deadline = time.monotonic() + STORM_WAIT_S
        name = push.name_of(index).label
        for step in (
            lambda: self.api.publish(index),
            lambda: self.api.roll_out(name, {"all": True}, max_failed_percent=100),
        ):
            while True:
                try:
                    await asyncio.to_thread(step)
                except KioskError:
                    if time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(1)
                else:
                    break
        self.pack = name

    async def _storm(self) -> None:
        """Everybody is thrown out at once, and wants in again."""
        self.say("the broker is killed, and started again")
        await asyncio.to_thread(self.stage.broker.kill)
        back_at = time.monotonic()
        await asyncio.to_thread(self.stage.broker.restart)
        await self.crowd.until(lambda: self.crowd.online < len(self.crowd.kiosks), 5)
        await self.crowd.until(lambda: self.crowd.online == len(self.crowd.kiosks), STORM_WAIT_S)
        self.row["storm"] = tally.spread(self.tally.connects, back_at)
        for kiosk in self.crowd.kiosks:
            kiosk.happen()
        self.row["unacknowledged"] = await self.crowd.drain(DRAIN_WAIT_S)

    async def _push(self) -> None:
        self.say("one answer is changed, and pushed to all")
        second = self.versions.second
        self.pack = push.name_of(second).label
        self.costs.clear()
        self.row["push"] = await push.push(
            self.crowd, self.api, second, self.costs, lambda: self.troop.have(self.pack)
        )

    async def _judge(self) -> tuple[Row, Verdict]:
        """When all is quiet: the two witnesses."""
        self.say("waiting until every kiosk has come to what it should be")
        label = self.pack if self.wanted.has_packs else ""
        moved = label != push.name_of(self.versions.first).label
        at_rest = await self.crowd.until(
            lambda: all(_label(each) == label for each in self.crowd.kiosks), DRAIN_WAIT_S
        )
        at_rest &= await self.troop.drain(label if moved else "", DRAIN_WAIT_S)
        self.row |= {"at_rest": at_rest, "online_at_end": self.crowd.online}
        sent, received = self.crowd.traffic()
        ends = [Ended(each.device, _label(each), answers=True) for each in self.crowd.kiosks]
        await self.crowd.leave()
        ends += await asyncio.to_thread(self.troop.stop)
        found = await asyncio.to_thread(stored, self.stage.database, (crowd.PREFIX, troop.PREFIX))
        history = [*self.tally.history, *read(self.troop.histories)]
        verdict = judge(history, found, label, ends)
        tail: Row = {
            "reconnections": max(0, len(self.tally.connects) - self.wanted.kiosks),
            "megabytes_up": round(sent / 1e6, 1),
            "megabytes_down": round(received / 1e6, 1),
            "broker": type(self.stage.broker).__name__.lower(),
            "workers": self.wanted.workers,
            "database": self.stage.database.partition(":")[0],
            **figures.machine(),
        }
        return _counts(verdict) | self.row | tail, verdict


def _counts(verdict: Verdict) -> Row:
    counts = asdict(verdict)
    counts.pop("faults")
    return counts


def _label(kiosk: Kiosk) -> str:
    return kiosk.pack.label if kiosk.pack else ""
