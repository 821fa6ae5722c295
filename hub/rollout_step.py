"""The rollout's state machine: step(rollout, standings, now) -> what is to be done. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace

from hub.rollout import Member, Order, Rollout, Standing, Step, must_be
from hub.rollout_judge import judged, verdict


def step(
    rollout: Rollout, standings: Mapping[str, Standing], now: float, listening_since: float = 0.0
) -> Step:
    """One look at the kiosks, and what follows. Equal input gives equal output.

    `listening_since`: what is silent to a hub that hears nothing has not failed, and what it did
    not watch has not soaked.
    """
    match rollout.state:
        case "running" | "paused":
            seen = judged(rollout, standings, now, listening_since)
            bad = verdict(seen)
            return (
                give_back(seen, bad, now) if bad else _onward(seen, standings, now, listening_since)
            )
        case "rolling_back":
            return Step(_going_back(rollout, standings, now))
        case "rolled_back":
            # Who was away comes back one day.
            return Step(replace(rollout, members=_all_restored(rollout, standings)))
    return Step(rollout)


def give_back(rollout: Rollout, reason: str, now: float) -> Step:
    """Tell every kiosk that was told to go back to what it had."""
    must_be(rollout, "running", "paused", "done", "halted")
    told = [
        m for m in rollout.members.values() if m.status in {"told", "current", "failed", "late"}
    ]
    members = dict(rollout.members)
    for member in told:
        members[member.device] = replace(member, status="restoring", told=now)
    orders = tuple(Order(member.device, member.before, rollback=True) for member in told)
    ended = replace(rollout, state="rolling_back", reason=reason, ended=now, members=members)
    return Step(ended, orders)


def _onward(rollout: Rollout, standings: Mapping[str, Standing], now: float, since: float) -> Step:
    """The next wave, if this one is over."""
    waiting = rollout.wave == 0
    if not waiting:
        open_ = any(m.status == "told" for m in rollout.members.values())
        settled = None if open_ else rollout.settled if rollout.settled is not None else now
        rollout = replace(rollout, settled=settled)
        if settled is None or now - max(settled, since) < rollout.plan.soak_s:
            return Step(rollout)
    if rollout.state == "paused":
        return Step(rollout)
    if rollout.wave >= len(rollout.plan.waves()):
        return _finish(rollout, standings, now)
    return _next_wave(rollout, standings, now)


def _next_wave(rollout: Rollout, standings: Mapping[str, Standing], now: float) -> Step:
    ready = [
        standings[member.device]
        for member in rollout.members.values()
        if member.status == "waiting" and _is_ready(standings.get(member.device))
    ]
    begun = sum(m.wave > 0 for m in rollout.members.values())
    if not ready:
        if begun or not _anybody(rollout, standings):
            return _finish(rollout, standings, now)
        return Step(replace(rollout, reason="no kiosk is online yet"))
    percent = rollout.plan.waves()[rollout.wave]
    wanted = max(1, math.ceil(percent / 100 * (begun + len(ready)) - 1e-9) - begun)
    chosen = sorted(ready, key=lambda kiosk: _lot(rollout.id, kiosk.device))[:wanted]
    members = dict(rollout.members)
    for kiosk in chosen:
        members[kiosk.device] = _told(members[kiosk.device], kiosk, rollout.wave + 1, now)
    begun_now = replace(rollout, wave=rollout.wave + 1, settled=None, reason="", members=members)
    plan = rollout.plan
    orders = tuple(Order(kiosk.device, plan.pack, plan.rollback) for kiosk in chosen)
    return Step(begun_now, orders)


def _told(member: Member, kiosk: Standing, wave: int, now: float) -> Member:
    return replace(
        member,
        status="told",
        wave=wave,
        before=kiosk.pack or kiosk.desired,
        right_before=kiosk.right_percent,
        told=now,
    )


def _finish(rollout: Rollout, standings: Mapping[str, Standing], now: float) -> Step:
    """Everybody who could be told has the pack; who was away gets it when back."""
    plan = rollout.plan
    members = dict(rollout.members)
    orders = []
    for member in rollout.members.values():
        kiosk = standings.get(member.device)
        if member.status != "waiting":
            continue
        if kiosk is None or kiosk.revoked:
            members[member.device] = replace(member, status="gone", detail="taken out of the fleet")
            continue
        late = _told(member, kiosk, rollout.wave, now)
        members[member.device] = replace(late, status="late", detail="was offline")
        orders.append(Order(member.device, plan.pack, plan.rollback))
    done = replace(rollout, state="done", ended=now, reason="", members=members)
    return Step(done, tuple(orders))


def _is_ready(kiosk: Standing | None) -> bool:
    return kiosk is not None and kiosk.online and not kiosk.revoked


def _anybody(rollout: Rollout, standings: Mapping[str, Standing]) -> bool:
    """Whether a kiosk may still come online."""
    found = (standings.get(device) for device in rollout.members)
    return any(kiosk is not None and not kiosk.revoked for kiosk in found)


def _lot(rollout: int, device: str) -> str:
    """So that not always the same kiosks are canaries."""
    return hashlib.sha256(f"{rollout}:{device}".encode()).hexdigest()


def _going_back(rollout: Rollout, standings: Mapping[str, Standing], now: float) -> Rollout:
    members = _all_restored(rollout, standings)
    rollout = replace(rollout, members=members)
    open_ = any(member.status == "restoring" for member in members.values())
    waited = now - (rollout.ended or now)
    if open_ and waited <= rollout.plan.timeout_s:
        return rollout
    return replace(rollout, state="rolled_back")


def _all_restored(rollout: Rollout, standings: Mapping[str, Standing]) -> dict[str, Member]:
    return {
        device: _restored(member, standings.get(device))
        for device, member in rollout.members.items()
    }


def _restored(member: Member, kiosk: Standing | None) -> Member:
    if member.status != "restoring":
        return member
    if kiosk is None or kiosk.revoked:
        return replace(member, status="gone")
    if member.before is None or (kiosk.answered and kiosk.pack == member.before):
        return replace(member, status="restored")
    return member
