"""Whether a kiosk that was given a pack is well, and whether too many are not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.rollout import Member, Plan, Rollout, Standing

MAX_DROP_PERCENT = 5.0
"""Of its own questions that a kiosk may answer worse than before."""
OFFLINE_S = 120.0
"""A connection that breaks is back within this, or the kiosk has a problem."""


def judged(
    rollout: Rollout, standings: Mapping[str, Standing], now: float, since: float
) -> Rollout:
    """With the status of every kiosk that was told."""
    members = {
        device: _judge(rollout.plan, member, standings.get(device), now, since)
        for device, member in rollout.members.items()
    }
    return replace(rollout, members=members)


def _judge(plan: Plan, member: Member, kiosk: Standing | None, now: float, since: float) -> Member:
    if member.status not in {"told", "current", "failed"}:
        return member
    if kiosk is None or kiosk.revoked:
        return replace(member, status="gone", detail="taken out of the fleet")
    if kiosk.desired != plan.pack:
        return replace(member, status="gone", detail="was given something else meanwhile")
    if kiosk.pack == plan.pack:
        return _judge_current(plan, member, kiosk, now, since)
    if member.status == "current":
        has = kiosk.pack.label if kiosk.pack else "nothing"
        return replace(member, status="failed", detail=f"went back to {has}: {kiosk.detail}"[:300])
    if kiosk.answered and kiosk.progress == "refused":
        detail = kiosk.detail or "refused the pack"
        return replace(member, status="failed", detail=detail, right_percent=kiosk.right_percent)
    if now - max(member.told, since) > plan.timeout_s and member.status == "told":
        state = f"still {kiosk.progress}" if kiosk.answered else "silent"
        detail = f"{state} after {plan.timeout_s:.0f} s {kiosk.detail}".strip()
        return replace(member, status="failed", detail=detail)
    return member


def _judge_current(plan: Plan, member: Member, kiosk: Standing, now: float, since: float) -> Member:
    """A kiosk that says it uses the pack."""
    if not kiosk.online and now - max(kiosk.seen, member.told, since) > OFFLINE_S:
        return replace(member, status="failed", detail="went offline with the new pack")
    if not kiosk.online and member.status == "failed":
        return member
    right = kiosk.right_percent
    member = replace(member, right_percent=right)
    if right is None:
        return replace(member, status="current", detail="")
    if plan.min_right_percent is not None and right < plan.min_right_percent:
        detail = f"answers {right:.1f} % right, less than {plan.min_right_percent:.1f} %"
        return replace(member, status="failed", detail=detail)
    comparable = member.before is not None and member.before.id == plan.pack.id
    before = member.right_before if comparable else None
    if before is not None and before - right > MAX_DROP_PERCENT:
        detail = f"answers {right:.1f} % right, before {before:.1f} %"
        return replace(member, status="failed", detail=detail)
    return replace(member, status="current", detail="")


def verdict(rollout: Rollout) -> str:
    """Why it must end; empty if it need not."""
    told = [m for m in rollout.members.values() if m.status in {"told", "current", "failed"}]
    for group in ([m for m in told if m.wave == rollout.wave], told):
        failed = [m for m in group if m.status == "failed"]
        if failed and len(failed) * 100 > rollout.plan.max_failed_percent * len(group):
            first = min(failed, key=lambda m: m.device)
            counted = f"{len(failed)} of {len(group)} failed"
            return f"{counted}; {first.device}: {first.detail}"
    return ""
