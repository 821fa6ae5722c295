"""The kiosk's place in the fleet: the thread that carries out what the sync core says.

Nothing here is waited for by the conversation: records come in over a queue, and the kiosk is
told what to do by calls that must return at once.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from fleet import codec, topics
from fleet.messages import Command, Get
from fleet.records import AuditRecord, Record
from terminal.certificate import Watch
from terminal.database import DiskError
from terminal.errors import KioskError
from terminal.outbox import Outbox
from terminal.renewing import Renewing
from terminal.sync import signals as sig
from terminal.sync.book import Book
from terminal.sync.link import Connected, Disconnected, Link, Message, Taken
from terminal.sync.member import Member, Packs, Side
from terminal.sync.signals import Action, Event, Judged, Kept, Status
from terminal.sync.sync import Sync
from terminal.sync.twin import Twin
from terminal.sync.vitals import Vitals

__all__ = ["Fleet", "Member", "Packs", "Side"]

log = logging.getLogger(__name__)

TICK_S = 1.0
WAITING = 2000
"""Messages from the broker not looked at yet; more are dropped, whoever sends them."""
TIDY_S = 60.0
DROPPED_S = 3600.0
"""Between two records that events were dropped."""


@dataclass(frozen=True, slots=True)
class _Report:
    record: Record
    at: float


class Fleet:
    """One thread, from `start` to `stop`."""

    def __init__(
        self,
        member: Member,
        side: Side,
        judge: Callable[[Mapping[str, JsonValue]], Judged],
        clock: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """`judge`: which remote settings the site allows. `draw`: evenly from 0..1."""
        self._member = member
        self._side = side
        self._clock = clock
        self._inbox: queue.SimpleQueue[Event | _Report | None] = queue.SimpleQueue()
        self.outbox = Outbox(member.folder, member.device, clock(), member.cap_bytes)
        self._book = Book(self.outbox.database)
        self._vitals = Vitals(member.folder)
        self._link = Link(member.broker, member.device, self.post)
        self._renewing = Renewing(member.trust, member.device)
        tls = member.broker.tls
        self.certificate = Watch(tls.certificate if tls else None, member.device)
        self._results: dict[int, str] = {}
        """Number of a publish -> command whose result it is."""
        kept = self.outbox.kept
        twin = Twin(member.device, self.outbox.boot, member.app)
        self._sync = Sync(
            twin,
            member.device,
            self.outbox.boot,
            member.keys,
            judge,
            Kept(kept("desired"), kept("refused"), kept("epoch"), kept("hub_time")),
            health_s=member.health_s,
            app=member.app,
            draw=draw,
        )
        self._packs: Packs | None = None
        self._flooded = 0
        self._tidy_at_s = self._told_at_s = 0.0
        self._told_dropped = self.outbox.dropped
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)

    @property
    def is_connected(self) -> bool:
        """To the broker, and subscribed."""
        return self._sync.connection.is_on

    @property
    def desired_config(self) -> Mapping[str, JsonValue]:
        """Remote settings as they were desired last."""
        desired = self._sync.twin.desired
        return desired.config if desired else {}

    def certificate_report(self) -> dict[str, object]:
        """For `/health`; empty without a certificate. From any thread."""
        return self.certificate.report(self._clock(), self._link.presented)

    def start(self, packs: Packs) -> None:
        """Begin, with who installs packs."""
        self._packs = packs
        self.post(sig.Released())
        self._begin()

    def announce(self, why: str) -> None:
        """Begin without, or go on so: the kiosk cannot serve, or not as it should; a line."""
        self.post(sig.Held(why))
        self._begin()

    def tell_health(self) -> None:
        """Now, and not when it is due. From any thread."""
        self.post(sig.Changed())

    def _begin(self) -> None:
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Say goodbye, and wait for the end."""
        self._inbox.put(None)
        if self._thread.ident is not None:  # A kiosk that could not load never started it.
            self._thread.join(10)
        if self._packs is not None:
            self._packs.close()
        self.outbox.close()

    def report(self, record: Record, at: float) -> None:
        """A record for the hub. From any thread; returns at once."""
        self._inbox.put(_Report(record, at))

    def post(self, event: Event) -> None:
        """An event for the core. From any thread."""
        if isinstance(event, Message) and self._inbox.qsize() >= WAITING:
            self._flooded += 1  # All that matters is sent again; memory must not grow.
            return
        self._inbox.put(event)

    def ask(self, get: Get) -> bool:
        """Ask for content. From the thread that installs; False: not connected."""
        topic = topics.up(self._member.device, "get")
        return self._link.publish(topic, codec.encode(get), qos=0, expires_s=60) is not None

    def _run(self) -> None:
        for action in self._sync.start():
            self._perform(action)
        self._link.use(self._renewing.tls(self._member.broker.tls))
        for result in self._book.interrupted(self._member.device):
            if result.command.id != self._renewing.command:
                self._take(result)
        self._renewed(self._renewing.resumed())
        next_s = time.monotonic()
        while True:
            try:
                item = self._inbox.get(timeout=max(0.0, next_s - time.monotonic()))
                if item is None:
                    break
                self._take(item)
            except queue.Empty:
                next_s = time.monotonic() + TICK_S
                self._take(sig.Tick(self.outbox.in_flight))
                self._renew()
                self._tidy()
        self._say_goodbye()

    def _take(self, item: Event | _Report) -> None:
        try:
            if isinstance(item, _Report):
                self._put(item.record, item.at)
                return
            if isinstance(item, Taken):
                self._landed(item)
            if self._is_of_renewal(item):
                return
            for action in self._sync.handle(item, time.monotonic(), self._clock()):
                self._perform(action)
        except Exception:
            log.exception("fleet: a step failed")

    def _is_of_renewal(self, item: Event) -> bool:
        """Whether nobody else need look at it."""
        match item:
            case Message(topic=topic, payload=payload) if topics.of_token(topic):
                found = self._renewing.take(payload)
                if found is True:
                    self._link.use(self._renewing.tls(self._member.broker.tls))
                    self._take(Disconnected("a new certificate is tried"))
                elif found:
                    self._renewed(found)
                return True
            case Connected() if self._sync.connection.is_awaited:
                self._renewed(self._renewing.connected())
            case Disconnected(refused=refused):
                self._renewed(self._renewing.lost(refused=refused))
        return False

    def _renew(self) -> None:
        """What is due of a renewal."""
        now_s, clock_s = time.monotonic(), self._clock()
        self._renewed(self._renewing.overdue(clock_s))
        if self.is_connected and (question := self._renewing.question(now_s, clock_s)):
            answers, topic, payload = question
            self._link.listen(answers)
            self._link.publish(topic, payload, qos=1, expires_s=300)

    def _renewed(self, result: sig.Ran | None) -> None:
        if result is not None:
            self._take(result)
            self._renewing.forget()
            self._link.use(self._member.broker.tls)

    def _put(self, record: Record, at: float) -> None:
        try:
            self.outbox.put(record, at)
        except KioskError as error:
            log.error("not reported: %s", error.message)
            return
        if self._inbox.empty():  # Else more may come for the same batch.
            self._take(sig.Recorded())

    def _landed(self, taken: Taken) -> None:
        self._link.landed(taken)
        command = self._results.pop(taken.number, None)
        if command is not None and taken.code < 128:
            self._book.told(command)

    def _perform(self, action: Action) -> None:  # noqa: C901 - one case per action
        match action:
            case sig.Connect(will=will):
                self._results.clear()
                self._link.connect(will)
            case sig.Drop():
                self._link.drop()
            case sig.Send():
                self._send(action)
            case sig.Drain(again_s=again_s):
                self._drain(again_s)
            case sig.Acknowledge(ack=ack):
                self.outbox.acknowledge(ack)
            case sig.SendAllAgain():
                self.outbox.send_all_again()
            case sig.Keep(key=key, value=value):
                self._keep(key, value)
            case sig.Put(record=record):
                self._put(record, self._clock())
            case sig.Note(command=command):
                self._take(sig.Noted(command, self._book.note(command, self._clock())))
            case sig.Settle(result=result):
                self._book.settle(result)
            case sig.TellResults(command=command_id):
                for result in self._book.results(self._member.device, command_id):
                    said = (result.command, result.status, result.detail)
                    self._send(self._sync.result(*said, self._clock()))
            case sig.TellHealth():
                self._tell_health()
            case sig.Configure(values=values):
                self._side.configure(values)
            case sig.Run(command=command):
                self._start(command)
            case sig.Install():
                self._installer.install(action)
            case sig.StopInstalling():
                self._installer.stop()
            case sig.Feed(key=key, payload=payload):
                if self._packs is not None:
                    self._packs.feed(key, payload)

    @property
    def _installer(self) -> Packs:
        assert self._packs is not None  # noqa: S101 - given at `start`
        return self._packs

    def _send(self, send: sig.Send) -> None:
        number = self._link.publish(
            send.topic, send.payload, qos=send.qos, retain=send.retain, expires_s=send.expires_s
        )
        if number is not None and send.result_of is not None:
            self._results[number] = send.result_of

    def _drain(self, again_s: float) -> None:
        for each in self.outbox.batches(time.monotonic(), again_s):
            topic = topics.events(self._member.device, each.kind)
            if self._link.publish(topic, codec.pack(each.batch), qos=1) is None:
                self.outbox.not_sent(each)
                return

    def _keep(self, key: str, value: str | None) -> None:
        try:
            self.outbox.keep(key, value)
        except DiskError as error:
            log.error("%s is forgotten at the next start: %s", key, error)

    def _tell_health(self) -> None:
        member, outbox = self._member, self.outbox
        health = self._vitals.health(
            member.device,
            outbox.boot,
            self._clock(),
            self._side.state(),
            len(outbox),
            outbox.dropped,
        )
        topic = topics.up(member.device, "health")
        lives_s = int(2 * member.health_s)
        self._link.publish(topic, codec.encode(health), qos=0, expires_s=lives_s)

    def _start(self, command: Command) -> None:
        def done(status: Status, detail: str = "") -> None:
            self.post(sig.Ran(command, status, detail))

        if command.kind == "rollback" and self._packs is None:
            done("refused", "the kiosk cannot serve now: it has no pack to go back from")
        elif command.kind == "rollback":
            self._installer.go_back(done)
        elif command.kind == "renew":
            try:
                self._renewing.begin(command, self._clock())
            except KioskError as error:
                done("refused", error.message)
        else:
            self._side.run(command, done)

    def _tidy(self) -> None:
        now_s = time.monotonic()
        if now_s < self._tidy_at_s:
            return
        self._tidy_at_s = now_s + TIDY_S
        self.certificate.look(self._clock())
        self.outbox.come_back()
        if self._flooded:
            log.error("the broker floods this kiosk: %d messages dropped", self._flooded)
            self._flooded = 0
        lost = self.outbox.dropped - self._told_dropped
        if lost and now_s >= self._told_at_s:
            self._told_at_s = now_s + DROPPED_S
            self._told_dropped = self.outbox.dropped
            said = f"{lost} events lost for want of room"
            self._put(AuditRecord(action="events_dropped", ok=False, detail=said), self._clock())

    def _say_goodbye(self) -> None:
        for action in self._sync.connection.goodbye(self._clock()):
            self._perform(action)
        self._link.close()
