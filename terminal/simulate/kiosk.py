"""A kiosk without ears and voice: the real sync core over the light client.

Real: `terminal.sync.sync` with all its rules (connecting, sending again, acknowledgements, twin,
commands), the messages, ids and signatures. Light: the MQTT client, the outbox, the installing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from fleet import chunks, codec, topics
from fleet.messages import Acknowledged, Command, Health, PackName
from fleet.records import Record
from fleet.signing import Keys
from terminal.simulate.citizens import Citizens
from terminal.simulate.history import Entry, EventId, Step, mark_of
from terminal.simulate.light_outbox import LightOutbox
from terminal.simulate.packets import Packet, Published, Taken
from terminal.simulate.tally import Tally
from terminal.simulate.wire import Wire, open_wire
from terminal.sync import link
from terminal.sync import signals as sig
from terminal.sync.sync import Sync
from terminal.sync.twin import Twin

APP = "simulated"
TICK_S = 1.0


class Installer(Protocol):
    """Who fetches packs for a kiosk."""

    def begin(self, wanted: sig.Install) -> None:
        """Fetch, then tell the kiosk."""
        ...

    def stop(self) -> None:
        """Something else is wanted."""
        ...

    def take(self, key: str, header: chunks.Header, raw: bytes) -> None:
        """A chunk that came."""
        ...


@dataclass(slots=True)
class World:
    """What all kiosks of one process share."""

    host: str
    port: int
    keys: Keys
    tally: Tally
    draw: random.Random
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    health_s: float = 60.0


@dataclass(eq=False)
class Kiosk:
    """One of them. `run` goes on until it is cancelled."""

    device: str
    world: World
    citizens: Citizens
    installer: Installer | None = None
    wire: Wire | None = None
    is_on: bool = False
    """Connected and subscribed."""
    boot: int = 0
    _made: dict[tuple[int, int], float] = field(default_factory=dict)
    _known: dict[str, sig.Ran | None] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.boot = self.boot or max(1, int(self.world.clock()))
        self.outbox = LightOutbox(self.device, self.boot)
        self.twin = Twin(self.device, self.boot, APP)
        self.sync = Sync(
            self.twin,
            self.device,
            self.boot,
            self.world.keys,
            lambda config: sig.Judged(dict(config), {}),
            health_s=self.world.health_s,
            app=APP,
            draw=self.world.draw.random,
        )
        self._records = self.citizens.records(self.world.clock())

    async def run(self) -> None:
        """Tick."""
        self._carry_out(self.sync.start())
        try:
            while True:
                self.handle(sig.Tick(self.outbox.in_flight))
                await asyncio.sleep(TICK_S)
        finally:
            for task in self._tasks:
                task.cancel()
            wire = self.wire
            self._forget_wire()
            if wire:
                wire.close()

    def happen(self, count: int = 1) -> None:
        """So many events, and on their way."""
        for _ in range(count):
            self._keep(next(self._records))
        self.handle(sig.Recorded())

    def handle(self, event: sig.Event) -> None:
        """Let the core decide, and do what it says."""
        now = asyncio.get_running_loop().time()
        self._carry_out(self.sync.handle(event, now, self.world.clock()))

    def _carry_out(self, actions: Iterable[sig.Action]) -> None:
        for action in actions:
            self._do(action)

    def _do(self, action: sig.Action) -> None:
        match action:
            case sig.Connect(will=will):
                self._begin(self._connect(will))
            case sig.Drop():
                self._drop()
            case sig.Send():
                self._send(action)
            case sig.Drain(again_s=again_s):
                self._drain(again_s)
            case sig.SendAllAgain():
                self.outbox.send_all_again()
            case sig.Acknowledge(ack=ack):
                self._acknowledge(ack)
            case sig.Put(record=record):
                self._keep(record)
                self.handle(sig.Recorded())
            case sig.TellHealth():
                self._tell_health()
            case sig.Install() if self.installer:
                self.installer.begin(action)
            case sig.StopInstalling() if self.installer:
                self.installer.stop()
            case sig.Feed(key=key, payload=payload) if self.installer:
                self.installer.take(key, *chunks.read(payload))
            case _:
                self._do_commands(action)

    def _do_commands(self, action: sig.Action) -> None:
        """A command is done once; nothing is kept over a restart here."""
        match action:
            case sig.Note(command=command):
                known = command.id in self._known
                self._known.setdefault(command.id, None)
                self.handle(sig.Noted(command, "known" if known else "new"))
            case sig.Run(command=command):
                self.handle(sig.Ran(command, "done"))
            case sig.Settle(result=result):
                self._known[result.command.id] = result
            case sig.TellResults(command=str(command)):
                self._tell(self._known.get(command))
            case _:
                pass

    # The wire

    async def _connect(self, will: bytes) -> None:
        wire = await open_wire(
            self.world.host, self.world.port, self.device, will, self._receive, self._lost
        )
        if wire is None:
            self.handle(link.Disconnected("no connection"))
            return
        self.wire, self.is_on = wire, True
        self.world.tally.connects.append(time.monotonic())
        self.handle(link.Connected())

    def _lost(self, wire: Wire) -> None:
        if wire is not self.wire:
            return
        self._forget_wire()
        self.handle(link.Disconnected("connection lost"))

    def _drop(self) -> None:
        wire = self.wire
        self._forget_wire()
        if wire:
            wire.cut()

    def _forget_wire(self) -> None:
        tally, wire = self.world.tally, self.wire
        if wire:
            tally.losses.append(time.monotonic())
            tally.sent_bytes += wire.sent_bytes
            tally.received_bytes += wire.received_bytes
        self.wire, self.is_on = None, False

    def _receive(self, packet: Packet) -> None:
        match packet:
            case Published(topic=topic, payload=payload):
                self.handle(link.Message(topic, payload))
            case Taken(number=number, code=code):
                self.handle(link.Taken(number, code))

    def _send(self, send: sig.Send) -> None:
        if self.wire:
            self.wire.publish(
                send.topic,
                send.payload,
                qos=send.qos,
                retain=send.retain,
                expires_s=send.expires_s,
            )

    def _drain(self, again_s: float) -> None:
        if self.wire is None:
            return
        now = asyncio.get_running_loop().time()
        for outgoing in self.outbox.batches(now, again_s):
            self.world.tally.batches += 1
            topic = topics.events(self.device, outgoing.kind)
            self.wire.publish(topic, codec.pack(outgoing.batch))

    # What is told

    def _tell_health(self) -> None:
        now = self.world.clock()
        health = Health(
            device=self.device,
            boot=self.boot,
            at=now,
            uptime_s=int(max(0.0, now - self.boot)),
            queue=len(self.outbox),
        )
        if self.wire:
            self.wire.publish(topics.up(self.device, "health"), codec.encode(health), qos=0)

    def _tell(self, result: sig.Ran | None) -> None:
        if result:
            command: Command = result.command
            self._do(self.sync.result(command, result.status, result.detail, self.world.clock()))

    # Events

    def _keep(self, record: Record) -> None:
        at = round(self.world.clock(), 3)
        seq = self.outbox.put(record, at)
        self._made[self.boot, seq] = time.monotonic()
        self._note("kept", self.boot, seq, mark_of(record, self.device, at))

    def _acknowledge(self, ack: Acknowledged) -> None:
        self.outbox.acknowledge(ack)
        told: tuple[tuple[Step, dict[str, Any]], ...] = (
            ("safe", ack.boots),
            ("refused", ack.refused),
        )
        for step, boots in told:
            for boot, ranges in boots.items():
                for first, last in ranges:
                    for seq in range(first, last + 1):
                        self._settle(step, int(boot), seq)

    def _settle(self, step: Step, boot: int, seq: int) -> None:
        began = self._made.pop((boot, seq), None)
        if began is None:
            return
        self._note(step, boot, seq)
        if step == "safe":
            now = time.monotonic()
            self.world.tally.waits_s.append(now - began)
            self.world.tally.safe_at.append(now)

    def _note(self, step: Step, boot: int, seq: int, mark: str = "") -> None:
        entry = Entry(step, EventId(self.device, boot, seq), mark)
        self.world.tally.history.append(entry)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def pack(self) -> PackName | None:
        """In use."""
        return self.twin.in_use
