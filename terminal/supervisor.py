"""When a stage of the kiosk is restarted, and when the whole program is. Pure: time is passed in.

A stage shows progress, not only that it exists: how long it has been stuck with what it has in
hand. One that is stuck beyond its patience is restarted alone; the third time within ten minutes
is no accident, and the program ends for systemd to start it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

WITHIN_S = 600.0
MOST = 3
"""So many times a stage may be found stuck in `WITHIN_S`; the last one ends the program."""


@dataclass(frozen=True, slots=True)
class Patience:
    """With one stage, in seconds."""

    stuck_s: float
    """Longest honest time for one piece of work, with a good margin."""
    revival_s: float = 90.0
    """After a restart: its models may have to be loaded from a slow card."""


@dataclass(frozen=True, slots=True)
class Restart:
    """This stage alone."""

    stage: str
    stuck_s: float
    times: int
    """Within ten minutes, with this one."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The stage cannot be revived: the program must end."""

    stage: str
    stuck_s: float


@dataclass(slots=True)
class _Standing:
    restarts: deque[float] = field(default_factory=deque)
    """When it was restarted, of the last ten minutes."""
    patient_until: float = float("-inf")
    total: int = 0
    stuck: bool = False


class Supervisor:
    """Judges all stages, about once a second."""

    def __init__(self, stages: Mapping[str, Patience]) -> None:
        self._patience = dict(stages)
        self._standing = {name: _Standing() for name in stages}

    def look(self, now: float, stuck_s: Mapping[str, float]) -> list[Restart | GiveUp]:
        """What is to be done; `stuck_s`: each stage's seconds without progress, 0: it lives."""
        return [
            verdict
            for name, seconds in stuck_s.items()
            if (verdict := self._judge(name, seconds, now)) is not None
        ]

    def _judge(self, name: str, stuck_s: float, now: float) -> Restart | GiveUp | None:
        patience, standing = self._patience[name], self._standing[name]
        if stuck_s <= patience.stuck_s:
            standing.stuck = False
            return None
        if now < standing.patient_until:
            return None
        standing.stuck = True
        while standing.restarts and now - standing.restarts[0] > WITHIN_S:
            standing.restarts.popleft()
        if len(standing.restarts) + 1 >= MOST:
            return GiveUp(name, stuck_s)
        standing.restarts.append(now)
        standing.total += 1
        standing.patient_until = now + patience.revival_s
        return Restart(name, stuck_s, len(standing.restarts))

    def report(self) -> dict[str, dict[str, object]]:
        """For the kiosk's health."""
        return {
            name: {"state": "stuck" if each.stuck else "on", "restarts": each.total}
            for name, each in self._standing.items()
        }
