"""The kiosk as a member of its fleet: what the hub may have it do, and what it tells.

Made before the models are loaded, since it says which pack to load; joined to the runner then.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from pathlib import Path

import numpy as np
from pydantic import JsonValue

from fleet.folders import state_folder
from fleet.messages import Command, PackName
from fleet.records import UnansweredRecord
from knowledge import pack as packs
from knowledge.pack import Pack
from knowledge.schema import Notice
from models.base import Samples
from terminal import orders
from terminal.alarms import OUT, SAFE_MODE, Alarms, said
from terminal.config import HubSection, Settings
from terminal.database import DiskError
from terminal.dialogue.dialogue import Dialogue
from terminal.dialogue.redaction import redact
from terminal.enrolled import member_of, read_trust
from terminal.errors import KioskError
from terminal.events import Announced, Event, ServiceChanged, State
from terminal.events import Command as Action
from terminal.health import Health
from terminal.report import Filed, Reporter
from terminal.runner import Runner, Turn
from terminal.safe_mode import SAID, Mode
from terminal.sync import remote_config
from terminal.sync import signals as sig
from terminal.sync.fleet import Fleet
from terminal.sync.install import Installer
from terminal.sync.loglines import LogLines
from terminal.sync.packs import PackThread
from terminal.sync.pull import Puller
from terminal.sync.signals import Judged, Status
from terminal.sync.source import HubSource
from terminal.sync.store import PackStore, Usable
from terminal.sync.trying import ProcessJudge
from terminal.sync.vitals import KioskState

log = logging.getLogger(__name__)

RESTART_AFTER_S = 2.0
"""So that the hub hears of it first."""
CLOSED, AS_CLOSED = "out_of_service", "1"
"""What is kept of an order: under this word, this letter and the reason for the citizen."""
NEXT_START = "valid; in force from the next start (command reload)"

Take = Callable[[Pack, Dialogue], None]
"""Answer from this pack from now on; on the loop, while nobody is being served."""


class Membership:
    """Of one kiosk, from `join` to `leave`."""

    def __init__(
        self,
        settings: Settings,
        hub: HubSection,
        mode: Mode = "normal",
        today: Callable[[], date] = date.today,
        why: str = "",
    ) -> None:
        """KioskError if the trust that enrolment left is not whole. `why`: this mode."""
        self._mode = mode
        self._why = why or SAID[mode]
        self._alarms = Alarms()
        self._announced: KioskState | None = None
        self._today = today
        self._hub = hub
        self._folder = hub.folder or state_folder() / hub.device
        self.lines = LogLines()
        self._began = settings
        self._started: dict[str, JsonValue] = {}
        self.fleet = Fleet(member_of(hub, self._folder), self, self._judge)
        wanted = remote_config.judge(self.fleet.desired_config, hub.allow, settings)
        self._started = wanted.accepted
        self._store = PackStore(self._folder / "packs")
        self._skipped: Path | None = None
        """The newest pack, with which starts have failed."""
        self.pack_trouble = ""
        """Why the newest pack is not the one in use; a line."""
        self._usable = self._open()
        self._factory = packs.find(settings.pack)
        pack = str(self._usable.index) if self._usable else settings.pack
        overlaid = remote_config.overlaid(settings, wanted.accepted)
        self.settings = overlaid.model_copy(update={"pack": pack})
        """With the pack in use and the remote settings."""
        self._reporter = Reporter("", lambda: secrets.token_hex(8), text=hub.text == "redacted")
        self._notices: tuple[Notice, ...] = ()
        self._runner: Runner | None = None
        self._health: Health | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.restart = asyncio.Event()

    def _open(self) -> Usable | None:
        """The pack to use; None: the one that the kiosk came with."""
        pointer = self._store.pointer()
        if self._mode != "normal":
            if pointer is not None:
                self._skipped = self._store.index_path(pointer.current.pack)
                self.pack_trouble = f"{pointer.current.pack.label} is not used: starts have failed"
            return None
        usable = self._store.open()
        if usable is None and self._store.has_pointer:
            self.pack_trouble = "the installed pack is damaged: the one the kiosk came with is used"
        elif usable is not None and pointer and usable.installed != pointer.current:
            label = pointer.current.pack.label
            self.pack_trouble = f"{label} is damaged: {usable.installed.pack.label} is used"
        return usable

    def announce(self, why: str, *, serves: bool) -> None:
        """Tell the hub that the kiosk cannot serve, or only without it.

        Nothing is installed, and few commands are done. On the loop; `join` may come after it.
        """
        self._loop = asyncio.get_running_loop()
        logging.getLogger().addHandler(self.lines)
        parts: dict[str, str] = {"start": "closed" if self._mode == "normal" else self._mode}
        state = "idle" if serves else OUT
        self._announced = KioskState(state, parts, {"start": why})
        self.fleet.announce(why)
        self._alarm(SAFE_MODE, self._why)
        self._alarm(OUT, "" if serves else why)

    def _alarm(self, flag: str, why: str) -> None:
        for record in self._alarms.see(flag, why):
            self.fleet.report(record, time.time())
            self.fleet.tell_health()

    def join(self, runner: Runner, pack: Pack, health: Health, build: Build, take: Take) -> None:
        """From here on the hub is spoken to; `pack` is in use. On the runner's loop."""
        self._runner, self._health = runner, health
        self._loop = asyncio.get_running_loop()
        self._build, self._take = build, take
        logging.getLogger().addHandler(self.lines)
        self._knows(pack)
        self._resume(runner)
        root = read_trust(self._hub.trust / "root.json")
        judge = ProcessJudge(self.settings.models.encoder)
        # At its low priority it would wait until a whole pack's speech has been made.
        runner.yields_to = judge.is_trying
        puller = Puller(self._hub.device, self.fleet.ask, self._folder / "partial")
        source = HubSource(puller, self._folder / "metadata", root)
        thread = PackThread(
            self._store,
            Installer(self._store, source, judge, self._factory),
            puller,
            judge,
            self._factory,
            self.use_pack,
            self.fleet.post,
        )
        percent = self._usable.installed.right_percent if self._usable else None
        self.fleet.post(sig.InUse(name_of(pack), percent))
        self.fleet.start(thread)
        self._alarm(SAFE_MODE, self._why)
        self._alarm(OUT, "")

    def leave(self) -> None:
        """Say goodbye to the hub."""
        logging.getLogger().removeHandler(self.lines)
        self.fleet.stop()

    def health(self) -> dict[str, object]:
        """What is known of the membership itself: of its certificate, if there is one."""
        told = self.fleet.certificate_report()
        return {"certificate": told} if told else {}

    # What is reported

    def step(self, now_s: float, event: Event, commands: list[Action]) -> None:
        """Of the runner."""
        for filed in self._reporter.step(now_s, time.time(), event, commands):
            record = filed.record
            if isinstance(record, UnansweredRecord) and record.text:
                self._spawn(self._with_meaning(filed, record))
            else:
                self.fleet.report(record, filed.at)
        self._alarm(OUT, said(self._joined.session.closed))

    def turn(self, turn: Turn) -> None:
        """Of the runner: an answer was said."""
        if turn.timing.endpoint:
            self._reporter.waited(turn.turn, turn.timing.end_of_speech_to_first_audio)

    async def _with_meaning(self, filed: Filed, record: UnansweredRecord) -> None:
        text = record.text or ""
        vector = await self._joined.in_dialogue(lambda dialogue: dialogue.meaning(text))
        self.fleet.report(record.model_copy(update={"meaning": packed(vector)}), filed.at)

    # What the hub may have it do; called on the fleet's threads

    def state(self) -> KioskState:
        """How the kiosk is."""
        if self._health is None or self._runner is None or self._loop is None:
            return self._announced or KioskState()
        told = self._health.report(self._loop.time())
        parts = {name: each for name, each in told.items() if isinstance(each, dict)}
        level = parts["microphone"].get("level_dbfs")
        match self._runner.session.state:
            case State.IDLE:
                state = "idle"
            case State.OUT_OF_SERVICE:
                state = "out_of_service"
            case _:
                state = "serving"
        states = {name: str(each["state"]) for name, each in parts.items()}
        details = self._health.troubles()
        if self._mode != "normal":
            states["start"], details["start"] = self._mode, self._why
        if self.pack_trouble:
            states["pack"], details["pack"] = "fallback", self.pack_trouble
        if closed := said(self._runner.session.closed):
            details["service"] = closed
        return KioskState(state, states, details, level if isinstance(level, float) else None)

    def configure(self, values: Mapping[str, JsonValue]) -> None:
        """Remote settings in force from now on; what cannot change now is not among them."""
        if remote_config.VOLUME in values:
            self._set_volume(remote_config.gain(values))

    def run(self, command: Command, done: Callable[[Status, str], None]) -> None:
        """Do what a command says."""
        try:
            detail = self._obey(
                orders.order_of(command, orders.in_force(self._notices, self._today())), command
            )
        except KioskError as error:
            done("refused", error.message)
        except DiskError as error:
            done("failed", f"cannot be remembered: {error}")
        else:
            done("done", detail)

    def use_pack(self, path: Path, done: Callable[[str | None], None]) -> None:
        """Answer from the pack at `path`, as soon as nobody is being served."""
        assert self._loop is not None  # noqa: S101 - nothing is installed before `join`
        if path == self._skipped:
            done("the kiosk's starts with it have failed")
            return
        asyncio.run_coroutine_threadsafe(self._use(path, done), self._loop)

    def _judge(self, wanted: Mapping[str, JsonValue]) -> Judged:
        judged = remote_config.judge(wanted, self._hub.allow, self._began)
        accepted, refused = dict(judged.accepted), dict(judged.refused)
        for key, value in judged.accepted.items():
            if key != remote_config.VOLUME and self._started.get(key) != value:
                del accepted[key]
                refused[key] = NEXT_START
        return Judged(accepted, refused)

    def _obey(self, order: orders.Order, command: Command) -> str:
        match order:
            case orders.Restart() if self._runner is None:
                self._call(self._restart)
                return "starts anew, as usual"
            case orders.Say() | orders.Volume() | orders.Service() if self._runner is None:
                raise KioskError("input", f"not now: {self._why or 'the kiosk cannot serve'}")
            case orders.Restart():
                self._call(self._joined.when_at_rest, self._restart)
                return "restarts as soon as nobody is being served"
            case orders.Say(text=text):
                self._joined.post(Announced(text))
                return "said as soon as nobody is being served"
            case orders.Volume(gain=gain):
                self.fleet.outbox.keep("volume", str(gain))
                self._set_volume(gain)
            case orders.Service(on=on, reason=reason):
                self.fleet.outbox.keep(CLOSED, None if on else AS_CLOSED + reason)
                self._joined.post(ServiceChanged(on, reason=reason))
            case orders.LogLevel(level=level):
                logging.getLogger().setLevel(level.upper())
            case orders.SendLogs(lines=lines):
                for record in self.lines.records(command.id, lines, redact):
                    self.fleet.report(record, time.time())
        return ""

    def _restart(self) -> None:
        if self._loop is not None:
            self._loop.call_later(RESTART_AFTER_S, self.restart.set)

    async def _use(self, path: Path, done: Callable[[str | None], None]) -> None:
        # Loading takes a core for seconds, and whom it hits waits half as long again.
        rests = asyncio.Event()
        self._joined.when_at_rest(rests.set)
        await rests.wait()
        try:
            pack, dialogue = await asyncio.to_thread(self._build, path)
        except KioskError as error:
            done(error.message)
            return
        except Exception:
            log.exception("%s cannot be used", path)
            done("the kiosk failed to load it")
            return

        def swap() -> None:
            self._take(pack, dialogue)
            self._knows(pack)
            log.info("answering from %s now", pack.label)
            done(None)

        self._joined.when_at_rest(swap)

    def _resume(self, runner: Runner) -> None:
        """As it was ordered before the restart."""
        if volume := self.fleet.outbox.kept("volume"):
            runner.volume = float(volume)
        if closed := self.fleet.outbox.kept(CLOSED):
            runner.post(ServiceChanged(on=False, reason=closed.removeprefix(AS_CLOSED)))

    def _knows(self, pack: Pack) -> None:
        self._reporter.pack = pack.label
        self._notices = tuple(pack.notices)

    def _set_volume(self, gain: float) -> None:
        if self._runner is not None:
            self._runner.volume = gain

    @property
    def _joined(self) -> Runner:
        assert self._runner is not None  # noqa: S101 - nothing is asked before `join`
        return self._runner

    def _call(self, work: Callable[..., None], *arguments: object) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(work, *arguments)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


Build = Callable[[Path], tuple[Pack, Dialogue]]
"""Load a pack; on a thread of its own."""


def name_of(pack: Pack) -> PackName:
    """As the hub knows it."""
    return PackName(id=pack.manifest.id, version=pack.manifest.version, digest=pack.digest)


def packed(vector: Samples) -> str:
    """Base64 of int8: the direction is kept within a degree."""
    scaled = np.round(vector / max(float(np.abs(vector).max()), 1e-9) * 127)
    return base64.b64encode(scaled.astype(np.int8).tobytes()).decode()
