"""A tiny hub of the tests' own, over a real broker: it signs, serves, stores and acknowledges."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import BaseModel, JsonValue

from fleet import codec, topics
from fleet.messages import (
    Acknowledged,
    Batch,
    Command,
    CommandResult,
    Desired,
    Get,
    Health,
    HubTime,
    PackName,
    Reported,
    State,
)
from fleet.records import Record
from fleet.signing import Keys, Purpose, Signer
from hub import publish
from hub.serving import Serving
from knowledge import pack as packs
from terminal.errors import KioskError
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
from tests.hub.shelf import TODAY, build_pack, made
from tests.servers import wait_until

DEVICE = "k1"
PAPER = "打印机缺纸：换上新纸卷" * 40
"""Longer than a line of a message may be."""


class FakeHub:
    """One device's hub."""

    def __init__(self, port: int, folder: Path) -> None:
        self.repository = made(folder, time.time())
        self.serving = Serving(self.repository.content)
        self.signer = Signer("one", Ed25519PrivateKey.generate())
        self.stored: dict[tuple[int, int], Record] = {}
        self.seen: Counter[tuple[int, int]] = Counter()
        self.results: list[CommandResult] = []
        self.reported: list[Reported] = []
        self.states: list[State] = []
        self.health: list[Health] = []
        self.acknowledges = True
        self.refuses: Callable[[Record], bool] = lambda _: False
        self.loses: Callable[[int], bool] = lambda _: False
        """Whether the n-th chunk is lost."""
        self.sent_chunks = self.sent_bytes = 0
        self.port = port
        self._folder = folder
        self._version = 0
        self._commands = 0
        ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_message = lambda _c, _d, message: self._on(message)
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_connect = lambda client, *_: client.subscribe("lk/1/d/+/up/#", 1)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert ready.wait(10)

    @property
    def keys(self) -> Keys:
        return Keys({"one": self.signer.public})

    @property
    def root(self) -> bytes:
        return (self.repository.content.metadata / "1.root.json").read_bytes()

    def publish_pack(self, version: int, edit: tuple[str, str] | None = None) -> PackName:
        source = self._folder / "source"
        if not source.exists():
            shutil.copytree(packs.BUILT_IN / "gov-hall", source)
        upload = build_pack(source, self._folder / "built", version, edit)
        found = publish.checked(upload, TODAY)
        publish.put(self.repository, found, time.time(), frozenset())
        index = found.index
        return PackName(id=index.id, version=index.version, digest=index.digest)

    def desire(
        self,
        pack: PackName | None,
        *,
        rollback: bool = False,
        config: Mapping[str, JsonValue] | None = None,
        version: int | None = None,
        signer: Signer | None = None,
        device: str = DEVICE,
    ) -> int:
        self._version = version or self._version + 1
        desired = Desired(
            device=device,
            version=self._version,
            pack=pack,
            rollback=rollback,
            config=dict(config or {}),
        )
        self.say("desired", desired, signer=signer)
        return self._version

    def command(self, kind: str, lives_s: float = 60, **more: Any) -> str:
        self._commands += 1
        command = more.pop("id", f"c{self._commands}")
        issued = more.pop("issued", time.time())
        signer = more.pop("signer", None)
        body = {"device": DEVICE, "id": command, "kind": kind, "by": "anna", "args": more}
        self.say("cmd", Command.model_validate(body), now=issued, lives_s=lives_s, signer=signer)
        return str(command)

    def say(
        self,
        purpose: Purpose,
        message: BaseModel,
        *,
        now: float | None = None,
        lives_s: float | None = None,
        signer: Signer | None = None,
    ) -> None:
        payload = (signer or self.signer).sign(purpose, message, now or time.time(), lives_s)
        if purpose == "hub":
            self.client.publish(topics.HUB, payload, qos=1, retain=True)
        else:
            topic = topics.down(DEVICE, purpose)
            self.client.publish(topic, payload, qos=1, retain=purpose == "desired")

    def announce(self, epoch: int) -> None:
        self.say("hub", HubTime(epoch=epoch, at=time.time()))

    def records(self, kind: str) -> list[Any]:
        return [record for record in list(self.stored.values()) if record.kind == kind]

    def until(
        self, true: Callable[[], object], what: str = "the hub to see it", wait_s: float = 30
    ) -> None:
        wait_until(true, what, wait_s)

    def last(self, version: int) -> Reported:
        """The report at the end of the way to a desired version."""
        done = ("current", "refused", "failed")

        def found() -> list[Reported]:
            return [r for r in self.reported if r.desired == version and r.progress in done]

        self.until(found, f"the kiosk to come to version {version}: {self.reported[-3:]}")
        return found()[-1]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on(self, message: mqtt.MQTTMessage) -> None:
        sender = topics.from_device(message.topic)
        assert sender is not None, message.topic
        payload = bytes(message.payload)
        match sender.leaf:
            case "ev":
                self._take(codec.decode(Batch, payload))
            case "get":
                self._serve(codec.decode(Get, payload))
            case "cmd":
                self.results.append(codec.decode(CommandResult, payload))
            case "reported":
                self.reported.append(codec.decode(Reported, payload))
            case "state":
                self.states.append(codec.decode(State, payload))
            case "health":
                self.health.append(codec.decode(Health, payload))

    def _take(self, batch: Batch) -> None:
        taken: dict[str, tuple[tuple[int, int], ...]] = {}
        refused: dict[str, tuple[tuple[int, int], ...]] = {}
        for event in batch.events:
            self.seen[event.boot, event.seq] += 1
            if self.refuses(event.body):
                where = refused
            else:
                where = taken
                self.stored[event.boot, event.seq] = event.body
            boot = str(event.boot)
            where[boot] = (*where.get(boot, ()), (event.seq, event.seq))
        if self.acknowledges:
            self.say("ack", Acknowledged(device=DEVICE, boots=taken, refused=refused))

    def _serve(self, get: Get) -> None:
        for answer in self.serving.answers(DEVICE, get, time.monotonic()):
            self.sent_chunks += 1
            if not self.loses(self.sent_chunks):
                self.sent_bytes += len(answer.topic) + len(answer.payload)
                self.client.publish(answer.topic, answer.payload, qos=0)


class EasyJudge:
    """Gives each pack what the test says."""

    def __init__(self) -> None:
        self.percents: dict[str, float | None] = {}
        """By version."""
        self.problems: dict[str, str] = {}
        self.tried: list[str] = []

    def try_pack(self, pack: Path, today: date) -> Verdict:
        label = packs.load(pack).label
        self.tried.append(label)
        return Verdict(self.problems.get(label), self.percents.get(label, 95.0))

    def stop(self) -> None:
        pass


class EasySide:
    """A kiosk that does whatever it is told."""

    def __init__(self) -> None:
        self.ran: list[Command] = []
        self.config: list[dict[str, JsonValue]] = []
        self.used: list[Path] = []
        self.fault: str | None = None

    def state(self) -> KioskState:
        return KioskState(
            "idle", {"microphone": "on", "printer": "fault"}, {"printer": PAPER}, -40.0
        )

    def configure(self, values: Mapping[str, JsonValue]) -> None:
        self.config.append(dict(values))

    def run(self, command: Command, done: Callable[[Status, str], None]) -> None:
        self.ran.append(command)
        done("done", "")

    def use_pack(self, path: Path, done: Callable[[str | None], None]) -> None:
        self.used.append(path)
        done(self.fault)


class NoPacks:
    """Nothing is installed here."""

    def install(self, wish: object) -> None: ...
    def stop(self) -> None: ...
    def go_back(self, done: object) -> None: ...
    def feed(self, key: str, payload: bytes) -> None: ...
    def close(self) -> None: ...


def judged(wanted: Mapping[str, JsonValue]) -> Judged:
    accepted = {key: value for key, value in wanted.items() if key == "volume"}
    refused = {key: "not allowed here" for key in wanted if key != "volume"}
    return Judged(accepted, refused)


class Device:
    """The fleet's part of a kiosk, without the kiosk."""

    def __init__(self, hub: FakeHub, port: int, folder: Path, factory: Path) -> None:
        self.judge = EasyJudge()
        self.side = EasySide()
        self.factory = factory
        self._hub = hub
        self._port = port
        self._folder = folder
        self.fleet: Fleet
        self.store: PackStore
        self.puller: Puller
        self.start()

    def start(self) -> None:
        broker = Broker("127.0.0.1", self._port)
        member = Member(DEVICE, broker, self._hub.keys, self._folder, health_s=5.0, app="0.1.0")
        self.fleet = Fleet(member, self.side, judged)
        self.store = PackStore(self._folder / "packs")
        self.puller = Puller(DEVICE, self.fleet.ask, self._folder / "partial")
        source = HubSource(self.puller, self._folder / "metadata", self._hub.root)
        installer = Installer(self.store, source, self.judge, self.factory)
        thread = PackThread(
            self.store,
            installer,
            self.puller,
            self.judge,
            self.factory,
            self.side.use_pack,
            self.fleet.post,
            today=lambda: TODAY,
        )
        try:
            usable = self.store.open()
        except KioskError:
            usable = None
        percent = usable.installed.right_percent if usable else None
        name = usable.installed.pack if usable else pack_name(self.factory)
        self.fleet.post(sig.InUse(name, percent))
        self.fleet.start(thread)

    def stop(self) -> None:
        self.fleet.stop()
