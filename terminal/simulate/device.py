"""A kiosk as a program of its own, to be killed: all of the real device side, without the models.

Real: outbox and book on disk, link (paho), sync core, signed packs by TUF, installer and store. Its
citizens are made up, and its self-test only opens a pack and finds an answer in it.

    python -m terminal.simulate.device FOLDER    where `Plan.save` has put the plan
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fleet.messages import Command
from fleet.signing import Keys
from knowledge import pack as packs
from terminal.errors import KioskError
from terminal.simulate.citizens import Citizens
from terminal.simulate.judge import Ended
from terminal.simulate.witness import Witness
from terminal.sync import signals as sig
from terminal.sync.fleet import Fleet, Member
from terminal.sync.install import Installer
from terminal.sync.link import Broker
from terminal.sync.packs import PackThread, pack_name
from terminal.sync.pull import Puller
from terminal.sync.signals import Judged, Status
from terminal.sync.source import HubSource
from terminal.sync.store import PackStore
from terminal.sync.trying import Verdict
from terminal.sync.vitals import KioskState

PLAN, STATUS, QUIET, CLOCK, HISTORY = "plan.json", "status.json", "quiet", "clock", "history.tsv"
"""In the folder. `quiet`, if it is there: no more events. `clock`: seconds to add to the time."""
STATE = "state"
"""Folder of all that a real kiosk keeps; may be a small disk of its own."""
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a device process is to be."""

    device: str
    port: int
    """Of the broker, or of the bad network before it."""
    trust: str
    """Folder, as enrolment left it."""
    factory: str
    """The pack that it comes with."""
    rate: float
    """Events a second."""
    seed: int
    cap_bytes: int = 8_000_000

    def save(self, folder: Path) -> None:
        """For the process to read."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STATE).mkdir(exist_ok=True)
        (folder / PLAN).write_text(json.dumps(asdict(self)))


class OpensIt:
    """The self-test: the pack opens, and answers."""

    def try_pack(self, pack: Path, today: date) -> Verdict:
        """KioskError if it cannot be opened."""
        return Verdict(None if answers(pack) else "it has no answer", 100.0)

    def stop(self) -> None:
        """It takes no time."""


class Obedient:
    """A kiosk that does what it is told."""

    def state(self) -> KioskState:
        """At rest."""
        return KioskState()

    def configure(self, values: Mapping[str, JsonValue]) -> None:
        """Nothing to configure."""

    def run(self, command: Command, done: Callable[[Status, str], None]) -> None:
        """At once."""
        done("done", command.kind)


def answers(pack: Path) -> bool:
    """Whether an approved answer can be read out of it."""
    opened = packs.load(pack)
    return any(item.title and item.id for item in opened.items())


def ended(folder: Path) -> Ended:
    """What the disk says of a device that has stopped."""
    plan = Plan(**json.loads((folder / PLAN).read_text()))
    try:
        usable = PackStore(folder / STATE / "packs").open()
        path = usable.index if usable else Path(plan.factory)
        return Ended(plan.device, packs.load(path).label, answers(path))
    except KioskError:
        return Ended(plan.device, "", answers=False)


class Device:
    """Runs until SIGTERM; or SIGKILL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plan = plan = Plan(**json.loads((folder / PLAN).read_text()))
        state, trust, factory = folder / STATE, Path(plan.trust), Path(plan.factory)
        keys = Keys(json.loads((trust / "keys.json").read_text()))
        broker = Broker("127.0.0.1", plan.port)
        member = Member(plan.device, broker, keys, state, plan.cap_bytes, 5.0, "simulated")
        self._fleet = fleet = Fleet(member, Obedient(), _all_allowed, self.clock)
        witness: Any = Witness(fleet.outbox, plan.device, folder / HISTORY)
        fleet.outbox = witness
        store = PackStore(state / "packs")
        puller = Puller(plan.device, fleet.ask, state / "partial")
        source = HubSource(puller, state / "metadata", (trust / "root.json").read_bytes())
        judge = OpensIt()
        installer = Installer(store, source, judge, factory)
        self._packs = PackThread(
            store,
            installer,
            puller,
            judge,
            factory,
            lambda _path, done: done(None),
            fleet.post,
        )
        usable = store.open()
        name = usable.installed.pack if usable else pack_name(factory)
        self._pack = name.label
        fleet.post(sig.InUse(name, 100.0))
        self._stopped = threading.Event()

    def clock(self) -> float:
        """Possibly wrong."""
        with suppress(OSError, ValueError):
            return time.time() + float((self._folder / CLOCK).read_text())
        return time.time()

    def run(self) -> None:
        """Events by chance."""
        draw = random.Random(f"{self._plan.seed} {time.time_ns()}")  # noqa: S311 - no secret
        records = Citizens(draw).records(time.time())
        signal.signal(signal.SIGTERM, lambda *_: self._stopped.set())
        self._fleet.start(self._packs)
        due = look = time.monotonic()
        while not self._stopped.wait(max(0.0, min(due, look) - time.monotonic())):
            now = time.monotonic()
            if now >= due:
                due = now + draw.expovariate(self._plan.rate)
                if not (self._folder / QUIET).exists():
                    self._fleet.report(next(records), round(self.clock(), 3))
            if now >= look:
                look = now + _LOOK_S
                self._tell()
        self._fleet.stop()

    def _tell(self) -> None:
        status = json.dumps({"waiting": len(self._fleet.outbox), "at": time.time()})
        temporary = self._folder / f"{STATUS}.new"
        temporary.write_text(status)
        temporary.replace(self._folder / STATUS)


def _all_allowed(wanted: Mapping[str, JsonValue]) -> Judged:
    return Judged(dict(wanted), {})


def main() -> None:
    """The process."""
    Device(Path(sys.argv[1])).run()


if __name__ == "__main__":
    main()
