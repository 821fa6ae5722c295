"""The sync core: what happens between kiosk and hub, as a state machine without I/O or clock.

handle(event, now_s, clock_s) -> actions. `now_s` only runs forward and is for waiting; `clock_s`
is the time of day, which may be wrong, and is for messages.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from fleet import codec, topics
from fleet.messages import Acknowledged, Command, CommandResult, Desired, HubTime
from fleet.records import AuditRecord
from fleet.signing import Keys
from terminal.errors import KioskError
from terminal.sync import signals as sig
from terminal.sync.backoff import Backoff
from terminal.sync.connection import Connection
from terminal.sync.link import Connected, Disconnected, Message, Taken
from terminal.sync.signals import Action, Event, Judged, Kept
from terminal.sync.twin import Twin, Wish

log = logging.getLogger(__name__)

RETRY_S, RETRY_MOST_S = 30.0, 900.0
"""A pack that could not be fetched."""
ALARM_S = 600.0
"""Between two records that messages were refused; a flood of them must not fill the outbox."""
RESULT_S = 7 * 24 * 3600


class Sync:
    """One kiosk's side of the fleet."""

    def __init__(
        self,
        twin: Twin,
        device: str,
        boot: int,
        keys: Keys,
        judge: Callable[[Mapping[str, JsonValue]], Judged],
        kept: Kept | None = None,
        *,
        health_s: float = 60.0,
        app: str = "0",
        draw: Callable[[], float] = random.random,
    ) -> None:
        """`judge`: tells which remote settings the site allows. `draw`: evenly from 0..1."""
        kept = kept or Kept()
        self.twin = twin
        self.connection = Connection(device, boot, app, health_s, draw)
        self._device, self._boot = device, boot
        self._keys = keys
        self._judge = judge
        self._epoch = int(kept.epoch or 0)
        self._hub_time_s = float(kept.hub_time or 0)
        self._alarmed_at_s: float | None = None
        self._alarms = 0
        self._installing: Wish | None = None
        self._held = ""
        """Why nothing can be installed."""
        self._retry = Backoff(RETRY_S, RETRY_MOST_S, draw)
        self._retry_at_s = 0.0
        self._told_detail = ""
        """Why a pack was not installed, as it was logged last."""
        self._recall(kept)

    def start(self) -> list[Action]:
        """What is in force from the beginning, as it was desired last."""
        return list(self._configure())

    def handle(self, event: Event, now_s: float, clock_s: float) -> list[Action]:
        """Take one event, and say what is to be done."""
        return list(self._react(event, now_s, clock_s))

    def _react(self, event: Event, now_s: float, clock_s: float) -> Iterator[Action]:
        match event:
            case sig.Tick(in_flight=in_flight):
                yield from self.connection.tick(in_flight, now_s, clock_s)
                yield from self._install(now_s)
            case sig.Recorded() if self.connection.is_on:
                yield self.connection.drain(now_s)
            case Connected():
                yield from self._connected(now_s, clock_s)
            case Disconnected(reason=reason):
                yield from self.connection.lost(reason, now_s)
            case Message():
                yield from self._message(event, now_s, clock_s)
            case Taken(code=code) if code >= 128:
                yield from self._alarm(f"the broker refuses what is sent, code {code}", now_s)
            case sig.Noted():
                yield from self._noted(event, clock_s)
            case sig.Ran():
                yield from self._ran(event, clock_s)
            case sig.InUse() | sig.Testing() | sig.NotInstalled() | sig.RolledBack():
                yield from self._pack_event(event, now_s, clock_s)
            case sig.Held() | sig.Released():
                self._held = event.detail if isinstance(event, sig.Held) else ""
                yield from self._report(clock_s)
            case sig.Changed() if self.connection.is_on:
                yield sig.TellHealth()
            case _:
                pass

    def _connected(self, now_s: float, clock_s: float) -> Iterator[Action]:
        if not self.connection.is_awaited:
            return  # Of a connection that was given up meanwhile.
        yield from self.connection.made(now_s, clock_s)
        yield from self._report(clock_s)
        yield sig.TellResults()
        yield sig.SendAllAgain()
        yield self.connection.drain(now_s)

    # Messages

    def _message(self, message: Message, now_s: float, clock_s: float) -> Iterator[Action]:
        payload = message.payload
        try:
            if message.topic == topics.HUB:
                yield from self._hub(payload)
            elif message.topic == topics.down(self._device, "ack"):
                yield from self._acknowledged(payload, now_s)
            elif message.topic == topics.down(self._device, "desired"):
                yield from self._desired(payload, now_s, clock_s)
            elif message.topic == topics.down(self._device, "cmd"):
                yield from self._command(payload, clock_s)
            elif chunk := topics.of_chunk(message.topic):
                yield sig.Feed(chunk[0], payload)
        except KioskError as error:
            yield from self._alarm(f"{message.topic}: {error.message}", now_s)

    def _hub(self, payload: bytes) -> Iterator[Action]:
        told = self._keys.open("hub", HubTime, payload, None)
        if told.at > self._hub_time_s:
            self._hub_time_s = told.at
            yield sig.Keep("hub_time", str(told.at))
        if told.epoch > self._epoch:
            self._epoch = told.epoch
            yield sig.Keep("epoch", str(told.epoch))
            yield sig.SendAllAgain()

    def _acknowledged(self, payload: bytes, now_s: float) -> Iterator[Action]:
        ack = self._keys.open("ack", Acknowledged, payload, None)
        self._own(ack.device)
        self.connection.heard()
        yield sig.Acknowledge(ack)
        yield self.connection.drain(now_s)

    def _own(self, device: str) -> None:
        if device != self._device:
            raise KioskError("input", f"meant for {device}")

    def _alarm(self, said: str, now_s: float) -> Iterator[Action]:
        """Somebody plays with the broker, or hub and kiosk do not fit."""
        log.error("refused: %s", said)
        self._alarms += 1
        if self._alarmed_at_s is not None and now_s < self._alarmed_at_s + ALARM_S:
            return
        self._alarmed_at_s = now_s
        detail = f"{said} ({self._alarms} so far)"[-300:]
        yield sig.Put(AuditRecord(action="message_refused", ok=False, detail=detail))

    # The twin

    def _recall(self, kept: Kept) -> None:
        if kept.desired is None:
            return
        try:
            self.twin.desire(codec.decode(Desired, kept.desired.encode()))
        except KioskError as error:
            log.error("what was desired last is lost: %s", error.message)
            return
        version, _, detail = (kept.refused or "").partition(" ")
        if version == str(self.twin.version):
            self.twin.note("refused", detail)

    def _desired(self, payload: bytes, now_s: float, clock_s: float) -> Iterator[Action]:
        desired = self._keys.open("desired", Desired, payload, None)
        self._own(desired.device)
        if not self.twin.desire(desired):
            return
        yield sig.Keep("desired", codec.encode(desired).decode())
        yield sig.Keep("refused", None)
        if self._installing is not None:
            yield sig.StopInstalling()
        self._retry.reset()
        self._retry_at_s, self._told_detail = now_s, ""
        yield from self._configure()
        yield from self._install(now_s)
        yield from self._report(clock_s)

    def _configure(self) -> Iterator[Action]:
        desired = self.twin.desired
        judged = self._judge(desired.config if desired else {})
        self.twin.config, self.twin.refused_config = judged.accepted, judged.refused
        yield sig.Configure(judged.accepted)

    def _install(self, now_s: float) -> Iterator[Action]:
        wish = self.twin.wish()
        busy = self._installing is not None or now_s < self._retry_at_s or self._held
        if wish is None or busy or self.twin.is_refused or not self.connection.is_on:
            return
        obstacle = self.twin.obstacle(wish)
        if obstacle is not None:
            yield from self._refuse(obstacle)
            return
        self._installing = wish
        self.twin.note("fetching")
        yield sig.Install(wish.version, wish.pack, wish.rollback)

    def _refuse(self, detail: str, right_percent: float | None = None) -> Iterator[Action]:
        log.error("pack refused: %s", detail)
        self.twin.note("refused", detail, right_percent)
        yield sig.Keep("refused", f"{self.twin.version} {detail}")
        said = AuditRecord(action="pack_refused", by="hub", ok=False, detail=detail[:300])
        yield sig.Put(said)

    def _pack_event(
        self,
        event: sig.InUse | sig.Testing | sig.NotInstalled | sig.RolledBack,
        now_s: float,
        clock_s: float,
    ) -> Iterator[Action]:
        """Each of them changes what the hub is told."""
        match event:
            case sig.InUse(pack=pack, right_percent=percent):
                wish = self._installing
                self.twin.use(pack, percent)
                if wish is not None and wish.pack == pack:
                    self._installing = None
                    yield sig.Put(AuditRecord(action="pack_installed", by="hub", detail=pack.label))
            case sig.Testing(version=version) if version == self.twin.version:
                self.twin.note("testing")
            case sig.NotInstalled(version=version):
                self._installing = None
                if version == self.twin.version:
                    yield from self._not_installed(event, now_s)
            case sig.RolledBack(detail=detail):
                yield from self._refuse(detail)
            case _:
                return
        yield from self._report(clock_s)

    def _not_installed(self, event: sig.NotInstalled, now_s: float) -> Iterator[Action]:
        if event.refused:
            yield from self._refuse(event.detail, event.right_percent)
            return
        if event.detail != self._told_detail:
            # It is tried again and again: one line until there is another cause.
            log.warning("pack not installed, the one before stays in use: %s", event.detail)
            self._told_detail = event.detail
        self._retry_at_s = now_s + self._retry.next_s()
        self.twin.note("failed", event.detail)

    def _report(self, clock_s: float) -> Iterator[Action]:
        if self.connection.is_on:
            told = self.twin.report(clock_s)
            if self._held:  # The twin keeps what it knew: a pack that was refused stays so.
                held = {"pack": None, "progress": "failed", "detail": self._held[:300]}
                told = told.model_copy(update=held)
            payload = codec.encode(told)
            yield sig.Send(topics.up(self._device, "reported"), payload, retain=True)

    # Commands

    def _command(self, payload: bytes, clock_s: float) -> Iterator[Action]:
        # A clock that was set back must not let old commands in again.
        clock_s = max(clock_s, self._hub_time_s)
        command = self._keys.open("cmd", Command, payload, clock_s)
        self._own(command.device)
        yield sig.Note(command)

    def _noted(self, event: sig.Noted, clock_s: float) -> Iterator[Action]:
        match event.outcome:
            case "new":
                yield self.result(event.command, "accepted", "", clock_s)
                yield sig.Run(event.command)
            case "known":
                yield sig.TellResults(event.command.id)
            case "unwritable":
                refused = sig.Ran(event.command, "refused", "its id cannot be put down: no disk")
                yield from self._ran(refused, clock_s)

    def _ran(self, event: sig.Ran, clock_s: float) -> Iterator[Action]:
        command = event.command
        yield sig.Settle(event)
        yield sig.Put(
            AuditRecord(
                action=command.kind,
                by=command.by,
                ok=event.status == "done",
                detail=event.detail[:300],
            )
        )
        yield self.result(command, event.status, event.detail, clock_s)

    def result(self, command: Command, status: str, detail: str, clock_s: float) -> sig.Send:
        """What is told of a command."""
        told = CommandResult.model_validate(
            {
                "device": self._device,
                "boot": self._boot,
                "command": command.id,
                "status": status,
                "detail": detail[:300],
                "at": max(0.0, clock_s),
            }
        )
        final = None if status == "accepted" else command.id
        topic = topics.up(self._device, "cmd")
        return sig.Send(topic, codec.encode(told), expires_s=RESULT_S, result_of=final)
