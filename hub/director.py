"""Carries rollouts on: each second, in one process of all, a look at kiosks and what follows."""

from __future__ import annotations

import logging

from hub import audit, rollouts, shelf, standings
from hub.context import Hub
from hub.lease import Lease
from hub.rollout import Rollout
from hub.rollout_step import step

LOG = logging.getLogger(__name__)
EVERY_S = 1.0
LATE_EVERY_S = 60.0
"""Whoever was away while all others went back is looked for so often."""
REST = 5
"""A look at thousands of kiosks takes long; so many times as long is rest after it."""


class Director:
    """`run` is a job of the hub."""

    def __init__(self, hub: Hub, holds: rollouts.Holds | None = None) -> None:
        """`holds`: whether a pack is on the shelf, if it is not the hub's own."""
        self._hub = hub
        self._holds = holds or shelf.repository_of(hub).content.holds
        self._lease = Lease(hub.database, "director")
        self._listening_since: float | None = None
        self._next = 0.0
        self._late_next = 0.0

    def run(self) -> None:
        """One look at all rollouts that are under way; none while the broker is away."""
        if not self._hub.bus.connected:
            self._listening_since = None
            return
        if self._listening_since is None:
            self._listening_since = self._hub.clock()
        now = self._hub.clock()
        with self._hub.database.read() as session:
            ids = rollouts.active(session)
            if now >= self._late_next:
                ids += rollouts.late(session)
                self._late_next = now + LATE_EVERY_S
        if not ids or now < self._next or not self._lease.holds(now):
            return
        for rollout in ids:
            self._carry_on(rollout, now)
        self._next = now + (self._hub.clock() - now) * REST

    def _carry_on(self, rollout: int, now: float) -> None:
        """Looked at without a lock, so that nobody waits; written only if all is as it was."""
        with self._hub.database.read() as session:
            before = rollouts.load(session, rollout)
            since = self._listening_since or now
            kiosks = standings.of(session, before.members, now, since)
        found = step(before, kiosks, now, since)
        if found.rollout.state in {"rolling_back", "rolled_back"}:
            with self._hub.database.write() as session:
                rollouts.send_back(session, found.rollout, kiosks, now)
        if found.rollout == before and not found.orders:
            return
        with self._hub.database.write() as session:
            if not self._lease.is_still_ours(session, now):
                return
            if not rollouts.take(session, before, found, self._holds):
                return
            if found.rollout.state != before.state or found.rollout.wave != before.wave:
                said = _line(found.rollout)
                LOG.info("%s", said)
                audit.note(session, now, "hub", "rollout", str(rollout), said)


def _line(rollout: Rollout) -> str:
    counts = ", ".join(f"{number} {status}" for status, number in rollout.counts().items())
    why = f": {rollout.reason}" if rollout.reason else ""
    plan = rollout.plan.pack.label
    return f"rollout {rollout.id} of {plan}, wave {rollout.wave}, {rollout.state}, {counts}{why}"
