"""When to connect, when to send again, and when a connection that seems alive is given up. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from fleet import codec, topics
from fleet.messages import State
from terminal.sync import signals as sig
from terminal.sync.backoff import Backoff
from terminal.sync.signals import Action

log = logging.getLogger(__name__)

CONNECT_WINDOW_S, CONNECT_MOST_S = 5.0, 120.0
CONNECTING_S = 45.0
"""A connection that takes longer comes to nothing."""
STABLE_S = 30.0
"""A connection that lasted so long was a good one."""
AGAIN_S, AGAIN_MOST_S = 20.0, 300.0
"""Unacknowledged events are sent again, more rarely while the hub is silent."""
SILENT_S, SILENT_MOST_S = 90.0, 900.0
"""Connected, but no acknowledgement: a new connection may help, or the hub is away for long."""
DRAIN_S = 5.0


class Connection:
    """Off, connecting, or on."""

    def __init__(
        self, device: str, boot: int, app: str, health_s: float, draw: Callable[[], float]
    ) -> None:
        """`draw`: evenly from 0..1."""
        self._device, self._boot, self._app = device, boot, app
        self._health_s = health_s
        self._draw = draw
        self._backoff = Backoff(CONNECT_WINDOW_S, CONNECT_MOST_S, draw)
        self._number = 0
        self._state = "off"
        self._since_s = 0.0
        """Of `_state`."""
        self._connect_at_s = 0.0
        self._again_s = AGAIN_S
        self._silent_s = SILENT_S
        self._silent_from_s: float | None = None
        self._drain_at_s = self._health_at_s = 0.0
        self._said = ""

    @property
    def is_on(self) -> bool:
        """Connected and subscribed."""
        return self._state == "on"

    @property
    def is_awaited(self) -> bool:
        """Begun, and not yet there."""
        return self._state == "connecting"

    def _enter(self, state: str, now_s: float) -> None:
        self._state, self._since_s = state, now_s

    def tick(self, in_flight: int, now_s: float, clock_s: float) -> Iterator[Action]:
        """Time goes by; `in_flight`: events sent and not acknowledged."""
        match self._state:
            case "off" if now_s >= self._connect_at_s:
                self._number += 1
                self._enter("connecting", now_s)
                yield sig.Connect(self._state_message(False, clock_s))
            case "connecting" if now_s > self._since_s + CONNECTING_S:
                yield from self._rebuild(now_s)
            case "on":
                yield from self._keep_up(in_flight, now_s)

    def _keep_up(self, in_flight: int, now_s: float) -> Iterator[Action]:
        if not in_flight:
            self._silent_from_s = None
        elif self._silent_from_s is None:
            self._silent_from_s = now_s
        elif now_s > self._silent_from_s + self._silent_s:
            log.warning("no acknowledgement for %.0f s: connecting anew", self._silent_s)
            self._silent_s = min(SILENT_MOST_S, self._silent_s * 2)
            self._again_s = min(AGAIN_MOST_S, self._again_s * 2)
            yield from self._rebuild(now_s)
            return
        if now_s >= self._drain_at_s:
            yield self.drain(now_s)
        if now_s >= self._health_at_s:
            self._health_at_s = now_s + self._health_s
            yield sig.TellHealth()

    def _rebuild(self, now_s: float) -> Iterator[Action]:
        yield sig.Drop()
        self._enter("off", now_s)
        self._silent_from_s = None
        self._connect_at_s = now_s + self._backoff.next_s()

    def made(self, now_s: float, clock_s: float) -> Iterator[Action]:
        """The broker has taken us in: the birth comes first."""
        self._enter("on", now_s)
        self._said = ""
        self._health_at_s = now_s + self._draw() * self._health_s
        topic = topics.up(self._device, "state")
        yield sig.Send(topic, self._state_message(True, clock_s), retain=True)

    def goodbye(self, clock_s: float) -> Iterator[Action]:
        """The program ends: as the will says it, but at once."""
        if self.is_on:
            topic = topics.up(self._device, "state")
            yield sig.Send(topic, self._state_message(False, clock_s), retain=True)

    def lost(self, reason: str, now_s: float) -> Iterator[Action]:
        """It ended, or never began."""
        if reason != self._said:  # Once, not for a week.
            self._said = reason
            log.warning("hub: not connected: %s", reason)
        if self._state == "on" and now_s > self._since_s + STABLE_S:
            self._backoff.reset()
        yield from self._rebuild(now_s)

    def _state_message(self, online: bool, clock_s: float) -> bytes:
        return codec.encode(
            State(
                device=self._device,
                online=online,
                boot=self._boot,
                connection=self._number,
                app=self._app,
                at=max(0.0, clock_s),
            )
        )

    def heard(self) -> None:
        """The hub has acknowledged something."""
        self._again_s, self._silent_s, self._silent_from_s = AGAIN_S, SILENT_S, None

    def drain(self, now_s: float) -> Action:
        """Send what waits."""
        self._drain_at_s = now_s + DRAIN_S
        return sig.Drain(self._again_s * (0.8 + 0.4 * self._draw()))
