"""Kiosks as processes of their own, with everything that can be done to them."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from terminal import enrolling
from terminal.children import Child
from terminal.hub_api import HubApi
from terminal.ports import LOOPBACK
from terminal.simulate.device import CLOCK, HISTORY, QUIET, STATE, STATUS, Plan, ended
from terminal.simulate.endings import undisturbed
from terminal.simulate.judge import Ended
from terminal.simulate.nemesis import Blow, Strike
from terminal.simulate.stage import Stage

PREFIX = "dev-"
DISK_MB = 12
BACK_S = -3 * 24 * 3600
"""By so much a clock is set back."""
_FULL = "filler"
_LOOK_S = 0.3


@dataclass(eq=False)
class DeviceProcess:
    """One of them."""

    device: str
    folder: Path
    child: Child | None = None

    def start(self) -> None:
        """Its plan lies in its folder."""
        command = [sys.executable, "-m", "terminal.simulate.device", str(self.folder)]
        self.child = Child(self.device, command, self.folder / "log.txt")

    def kill(self) -> None:
        """As a power cut would, as far as programs are concerned."""
        if self.child:
            self.child.kill()

    def restart(self) -> None:
        """After `kill`."""
        self.start()

    def stop(self) -> None:
        """With a goodbye."""
        if self.child:
            self.child.stop()

    @property
    def waiting(self) -> int | None:
        """Events that the hub has not acknowledged, as it said last; None before it has."""
        with suppress(OSError, ValueError, KeyError):
            return int(json.loads((self.folder / STATUS).read_text())["waiting"])
        return None

    @property
    def pack(self) -> str:
        """gov-hall@2, as its disk says; empty before it has installed one."""
        with suppress(OSError, ValueError, KeyError):
            pointer = json.loads((self.disk / "packs" / "current.json").read_text())
            found = pointer["current"]["pack"]
            return f"{found['id']}@{found['version']}"
        return ""

    @property
    def disk(self) -> Path:
        """Where it keeps what it keeps."""
        return self.folder / STATE


class Troop:
    """All of them."""

    def __init__(self, devices: Sequence[DeviceProcess], draw: random.Random) -> None:
        self.devices = devices
        self._draw = draw

    @property
    def histories(self) -> list[Path]:
        """Files."""
        return [each.folder / HISTORY for each in self.devices if (each.folder / HISTORY).exists()]

    def start(self) -> None:
        """All."""
        for each in self.devices:
            each.start()

    def stop(self) -> list[Ended]:
        """All; and what they are then."""
        for each in self.devices:
            each.stop()
        return [ended(each.folder) for each in self.devices]

    async def drain(self, pack: str, wait_s: float) -> bool:
        """No more events; wait until the hub has all, and every disk has `pack`, if it is named.

        Said after the quiet began: an older word does not count.
        """
        for each in self.devices:
            (each.folder / QUIET).touch()
            (each.folder / STATUS).unlink(missing_ok=True)
        deadline = asyncio.get_running_loop().time() + wait_s
        while not (
            (not pack or self.have(pack)) and all(each.waiting == 0 for each in self.devices)
        ):
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def have(self, pack: str) -> bool:
        """Whether every disk says that this pack is in use."""
        return all(each.pack == pack for each in self.devices)

    def blows(self) -> dict[Blow, Strike]:
        """What they can suffer."""
        found: dict[Blow, Strike] = {}
        if self.devices:
            found |= {"kill_kiosk": self._kill, "clock_back": self._clock_back}
        if any(each.disk.is_mount() for each in self.devices):
            found["full_disk"] = self._full_disk
        return found

    async def _kill(self, lasts_s: float) -> None:
        victim = self._draw.choice(self.devices)
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(lasts_s)
        await asyncio.to_thread(victim.restart)

    async def _clock_back(self, lasts_s: float) -> None:
        """It starts again meanwhile: so the number of its boot is at stake too."""
        victim = self._draw.choice(self.devices)
        clock = victim.folder / CLOCK
        clock.write_text(str(BACK_S))
        await asyncio.to_thread(victim.kill)
        await asyncio.to_thread(victim.restart)
        await asyncio.sleep(lasts_s)
        clock.unlink()

    async def _full_disk(self, lasts_s: float) -> None:
        victim = self._draw.choice([each for each in self.devices if each.disk.is_mount()])
        filler = victim.disk / _FULL
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(lasts_s)
        filler.unlink(missing_ok=True)


@contextmanager
def troop_of(
    count: int, stage: Stage, factory: Path, rate: float, draw: random.Random
) -> Iterator[Troop]:
    """Enrol so many at the hub, each by its own token. Not started. `rate`: of one, a second.

    The first has a small disk of its own, where this user may mount one.
    """
    devices = []
    api = HubApi(stage.hub.url, stage.token)
    try:
        for number in range(1, count + 1):
            name = f"{PREFIX}{number:03d}"
            folder = stage.folder / "devices" / name
            plan = Plan(name, stage.port, str(folder / "trust"), str(factory), rate, number)
            plan.save(folder)
            if number == 1:
                _mount(folder / STATE)
            token = str(api.post("/api/1/enrol-tokens", _WANTED)["token"])
            enrolled = enrolling.enrol(LOOPBACK, stage.broker.port, token, name)
            enrolled.save(Path(plan.trust))
            devices.append(DeviceProcess(name, folder))
        yield Troop(devices, draw)
    finally:
        with undisturbed():
            api.close()
            for each in devices:
                each.kill()
            for folder in (stage.folder / "devices").glob(f"*/{STATE}"):
                _unmount(folder)


_WANTED = {"site": "simulated", "region": "", "labels": [], "lives_s": 600}


def _mount(folder: Path) -> None:
    """Not everybody may; then no disk becomes full."""
    if os.geteuid() == 0:
        size = f"size={DISK_MB}m"
        command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
        subprocess.run(command, check=False, capture_output=True)


def _unmount(folder: Path) -> None:
    if folder.is_mount():
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _fill(path: Path) -> None:
    """To the last byte."""
    block = b"\0" * 65_536
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(block) == len(block):
            pass
