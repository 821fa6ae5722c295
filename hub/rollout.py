"""A staged rollout: what was asked for, and how far it has come. Pure; see `rollout_step`.

A few kiosks (the canaries) get the pack first; then half; then all. A wave is over when each of
its kiosks has answered and `soak_s` has passed without too many failures.

Who counts
- A wave is made of kiosks that are online when it begins. A kiosk that is offline then is not
  counted; it joins the next wave if it is back by then, and else gets the pack when all others
  have it (`late`), unwatched: the pack has proven itself by then, and the kiosk still refuses a
  pack that fails its own tests.
- A kiosk that was told and falls silent has failed after `timeout_s`: a pack that breaks kiosks
  makes them silent. So begin a rollout while halls are open: one that is switched off for the
  night in the middle of it counts as failed.
- A kiosk that was good and is offline for long during the soak, or goes back to another pack by
  itself, has failed too. One that failed by silence and comes back with the pack is good again.
- A kiosk that somebody revokes, or gives another pack meanwhile, counts no more.

More failures than `max_failed_percent` of a wave, or of all that were told, end it: every kiosk
that was told gets back what it had, by a signed rollback.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from fleet.errors import KioskError
from fleet.messages import PackName, Progress

State = Literal["running", "paused", "rolling_back", "done", "halted", "rolled_back"]
ACTIVE: tuple[State, ...] = ("running", "paused", "rolling_back")

Status = Literal["waiting", "told", "current", "failed", "late", "gone", "restoring", "restored"]
"""waiting: not its turn yet; told: has not answered; current: has the pack, and answers well."""

HALF_PERCENT = 50.0
"""The wave between the canaries and all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an admin asked for."""

    pack: PackName
    canary_percent: float = 10.0
    soak_s: float = 600.0
    timeout_s: float = 900.0
    max_failed_percent: float = 5.0
    min_right_percent: float | None = None
    """Of the pack's own questions, on each kiosk."""
    rollback: bool = False
    """The pack may be older than what kiosks have."""

    def waves(self) -> list[float]:
        """Percent of the kiosks that have been told, at the end of each wave."""
        before = {self.canary_percent, max(self.canary_percent, HALF_PERCENT)}
        return [*sorted(each for each in before if each < 100), 100.0]


@dataclass(frozen=True, slots=True)
class Standing:
    """A kiosk as the hub knows it."""

    device: str
    online: bool = True
    seen: float = 0.0
    """When anything was last heard of it."""
    revoked: bool = False
    desired: PackName | None = None
    """What the hub last told it to use."""
    answered: bool = False
    """Its report is about that, and not about an older wish."""
    pack: PackName | None = None
    """In use, by its report."""
    progress: Progress = "current"
    detail: str = ""
    right_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A kiosk's part in a rollout."""

    device: str
    status: Status = "waiting"
    wave: int = 0
    before: PackName | None = None
    """What it goes back to."""
    right_before: float | None = None
    right_percent: float | None = None
    told: float = 0.0
    """When; and when it was told to go back."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One, as far as it has come."""

    id: int
    plan: Plan
    state: State = "running"
    wave: int = 0
    """0: none has begun; 1: the canaries."""
    settled: float | None = None
    """Since when every kiosk of this wave has answered; None: one has not."""
    ended: float | None = None
    """When it was to end: since then kiosks go back."""
    reason: str = ""
    members: Mapping[str, Member] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Members by status."""
        found: dict[str, int] = {}
        for member in self.members.values():
            found[member.status] = found.get(member.status, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class Order:
    """Let a kiosk be given this pack."""

    device: str
    pack: PackName | None
    """None: whatever it has."""
    rollback: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: the rollout as it is then, and what to tell kiosks."""

    rollout: Rollout
    orders: tuple[Order, ...] = ()


def begin(id_: int, plan: Plan, devices: Iterable[str]) -> Rollout:
    """A rollout to these kiosks, in which nothing has happened."""
    return Rollout(id_, plan, members={device: Member(device) for device in devices})


def pause(rollout: Rollout) -> Rollout:
    """No further wave; what has begun is still watched."""
    must_be(rollout, "running")
    return replace(rollout, state="paused")


def resume(rollout: Rollout) -> Rollout:
    """Go on."""
    must_be(rollout, "paused")
    return replace(rollout, state="running")


def halt(rollout: Rollout, reason: str, now: float) -> Rollout:
    """End it; who has the pack keeps it."""
    must_be(rollout, "running", "paused")
    return replace(rollout, state="halted", reason=reason, ended=now)


def must_be(rollout: Rollout, *states: State) -> None:
    """KioskError unless it is in one of these states."""
    if rollout.state not in states:
        raise KioskError("input", f"rollout {rollout.id} is {rollout.state}")
