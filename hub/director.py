"""Carries rollouts on: each second, in one process of all, a look at kiosks and what follows."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from hub import audit, rollouts
from hub.context import Hub
from hub.lease import Lease
from hub.rollout import Rollout, Step
from hub.rollout_step import step

LOG = logging.getLogger(__name__)
EVERY_S = 1.0


class Director:
    """`run` is a job of the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lease = Lease(hub.database, "director")
        self._listening_since: float | None = None

    def run(self) -> None:
        """One look at all rollouts that are under way; none while the broker is away."""
        if not self._hub.bus.connected:
            self._listening_since = None
            return
        if self._listening_since is None:
            self._listening_since = self._hub.clock()
        with self._hub.database.read() as session:
            ids = rollouts.active(session)
        now = self._hub.clock()
        if not ids or not self._lease.holds(now):
            return
        for rollout in ids:
            self._carry_on(rollout, now)

    def _carry_on(self, rollout: int, now: float) -> None:
        """Looked at without a lock first: most seconds nothing follows, and nobody waits."""
        with self._hub.database.read() as session:
            before = rollouts.load(session, rollout)
            seen = self._step(session, before, now)
        if seen.rollout == before and not seen.orders:
            return
        with self._hub.database.write() as session:
            if not self._lease.is_still_ours(session, now):
                return
            before = rollouts.load(session, rollout)
            found = self._step(session, before, now)
            rollouts.take(session, before, found)
            if found.rollout.state != before.state or found.rollout.wave != before.wave:
                said = _line(found.rollout)
                LOG.info("%s", said)
                audit.note(session, now, "hub", "rollout", str(rollout), said)

    def _step(self, session: Session, before: Rollout, now: float) -> Step:
        since = self._listening_since or now
        found = rollouts.standings(session, before.members, now, since)
        return step(before, found, now, since)


def _line(rollout: Rollout) -> str:
    counts = ", ".join(f"{number} {status}" for status, number in rollout.counts().items())
    why = f": {rollout.reason}" if rollout.reason else ""
    plan = rollout.plan.pack.label
    return f"rollout {rollout.id} of {plan}, wave {rollout.wave}, {rollout.state}, {counts}{why}"
