"""Rollouts in the database: begun, listed, and carried from one state to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from fleet.errors import KioskError
from fleet.messages import PackName
from hub import commands, desired, standings
from hub.content_tables import MemberRow, RolloutRow
from hub.rollout import ACTIVE, Member, Plan, Rollout, Standing, Step, begin
from hub.standings import pack_of
from hub.tables import Command as CommandRow
from hub.tables import Kiosk

Json = dict[str, Any]
Holds = Callable[[PackName], bool]
"""Whether this very pack is on the shelf."""
BACK_LIVES_S = 86_400.0


def create(
    session: Session, plan: Plan, devices: list[str], chosen: Json, by: str, now: float
) -> int:
    """Begin one; its number. KioskError if a kiosk is in another, or has a newer pack."""
    _refuse_busy(session, devices)
    if not plan.rollback:
        _refuse_newer(session, plan.pack, devices, now)
    row = RolloutRow(
        plan=_plan_json(plan), chosen=chosen, state="running", wave=0, at=now, by=by, reason=""
    )
    session.add(row)
    session.flush()
    members = begin(row.id, plan, devices).members.values()
    session.execute(insert(MemberRow), [_member_values(row.id, member) for member in members])
    return row.id


def load(session: Session, rollout: int) -> Rollout:
    """KioskError if there is none."""
    row = session.get(RolloutRow, rollout)
    if row is None:
        raise KioskError("missing", f"no rollout {rollout}")
    rows = session.execute(select(*_MEMBER).where(MemberRow.rollout == rollout))
    members = {each.device: _member(each) for each in rows}
    return Rollout(
        row.id,
        _plan(row.plan),
        row.state,  # type: ignore[arg-type]
        row.wave,
        row.settled,
        row.ended,
        row.reason,
        members,
    )


def active(session: Session) -> list[int]:
    """Those that are to be watched."""
    asked = select(RolloutRow.id).where(RolloutRow.state.in_(ACTIVE)).order_by(RolloutRow.id)
    return list(session.scalars(asked))


def late(session: Session) -> list[int]:
    """Those that were taken back, but not yet by every kiosk: some were away."""
    asked = (
        select(RolloutRow.id)
        .join(MemberRow, MemberRow.rollout == RolloutRow.id)
        .where(RolloutRow.state == "rolled_back", MemberRow.status == "restoring")
        .distinct()
        .order_by(RolloutRow.id)
    )
    return list(session.scalars(asked))


def take(session: Session, before: Rollout, step: Step, holds: Holds) -> bool:
    """Save what has changed, and let kiosks be given what was ordered: in one transaction.

    False, and nothing done, if somebody has changed the rollout since `before` was loaded. A pack
    that the hub does not hold, such as the one that a kiosk came with, cannot be desired: the kiosk
    is left what it has, and sent back by `send_back`.
    """
    asked = select(RolloutRow.state, RolloutRow.wave).where(RolloutRow.id == before.id)
    if session.execute(asked.with_for_update()).one() != (before.state, before.wave):
        return False
    after = step.rollout
    if after != before:
        values = {
            "state": after.state,
            "wave": after.wave,
            "settled": after.settled,
            "ended": after.ended,
            "reason": after.reason,
        }
        session.execute(update(RolloutRow).where(RolloutRow.id == after.id).values(values))
    changed = [m for name, m in after.members.items() if m != before.members.get(name)]
    if changed:
        session.execute(update(MemberRow), [_member_values(after.id, m) for m in changed])
    held = {pack: holds(pack) for pack in {order.pack for order in step.orders} if pack}
    given = {
        order.device: (order.pack if order.pack and held[order.pack] else None, order.rollback)
        for order in step.orders
    }
    desired.give_packs(session, given)
    return True


def send_back(
    session: Session, rollout: Rollout, kiosks: Mapping[str, Standing], now: float
) -> None:
    """Command `rollback` to who uses the new pack still, and cannot be told what to use instead."""
    stuck = [
        member.device
        for member in rollout.members.values()
        if member.status == "restoring" and _is_stuck(rollout, kiosks.get(member.device))
    ]
    if not stuck:
        return
    since = rollout.ended or now
    told = select(CommandRow.device).where(CommandRow.kind == "rollback", CommandRow.at >= since)
    # One that never came through says nothing: the kiosk was away again.
    told = told.where(CommandRow.status != "expired")
    again = set(session.scalars(told))
    devices = [device for device in stuck if device not in again]
    if devices:
        order = commands.Order(kind="rollback", lives_s=BACK_LIVES_S)
        commands.give(session, devices, order, "hub", now)


def change(session: Session, rollout: int, how: Callable[[Rollout], Step], holds: Holds) -> Rollout:
    """Do something to one by hand."""
    before = load(session, rollout)
    step = how(before)
    if not take(session, before, step, holds):
        raise KioskError("input", f"rollout {rollout} has just changed; look again")
    return step.rollout


def in_use(session: Session) -> frozenset[str]:
    """Labels of packs that must stay on the shelf: what kiosks use, or may have to go back to."""
    labels = set(session.scalars(select(Kiosk.pack).where(Kiosk.pack != "").distinct()))
    wanted = select(Kiosk.desired["pack"]["id"].as_string(), _version(Kiosk.desired["pack"]))
    back = select(MemberRow.before["id"].as_string(), _version(MemberRow.before))
    back = back.join(RolloutRow, RolloutRow.id == MemberRow.rollout)
    back = back.where(RolloutRow.state.in_(ACTIVE))
    for asked in (wanted, back):
        rows = session.execute(asked.distinct()).all()
        labels |= {f"{pack_id}@{version}" for pack_id, version in rows if pack_id}
    return frozenset(labels)


def summary(row: RolloutRow, counts: Mapping[str, int]) -> Json:
    """As the API tells it."""
    plan = _plan(row.plan)
    return {
        "rollout": row.id,
        "pack": plan.pack.label,
        "select": row.chosen,
        "state": row.state,
        "stage": _stage(row, plan),
        "counts": dict(counts),
        "reason": row.reason,
        "at": row.at,
        "by": row.by,
        "plan": {key: value for key, value in row.plan.items() if key != "pack"},
    }


def counts(session: Session, rollouts: Iterable[int]) -> dict[int, dict[str, int]]:
    """Kiosks by status, of several rollouts."""
    asked = (
        select(MemberRow.rollout, MemberRow.status, func.count())
        .where(MemberRow.rollout.in_(list(rollouts)))
        .group_by(MemberRow.rollout, MemberRow.status)
    )
    found: dict[int, dict[str, int]] = {}
    for rollout, status, number in session.execute(asked):
        found.setdefault(rollout, {})[status] = number
    return found


_MEMBER = (
    MemberRow.device,
    MemberRow.status,
    MemberRow.wave,
    MemberRow.before,
    MemberRow.right_before,
    MemberRow.right_percent,
    MemberRow.told,
    MemberRow.detail,
)


def _is_stuck(rollout: Rollout, kiosk: Standing | None) -> bool:
    if kiosk is None or not kiosk.answered or kiosk.desired is not None:
        return False
    return kiosk.pack == rollout.plan.pack


def _version(pack: Any) -> Any:
    return pack["version"].as_integer()


def _stage(row: RolloutRow, plan: Plan) -> str:
    if row.wave == 0:
        return "not begun"
    waves = len(plan.waves())
    name = "canaries" if row.wave == 1 and waves > 1 else f"wave {row.wave} of {waves}"
    return f"{name}, soaking" if row.settled is not None and row.state == "running" else name


def _refuse_busy(session: Session, devices: list[str]) -> None:
    asked = (
        select(MemberRow.device, MemberRow.rollout)
        .join(RolloutRow, RolloutRow.id == MemberRow.rollout)
        .where(RolloutRow.state.in_(ACTIVE))
    )
    busy: dict[str, int] = {row[0]: row[1] for row in session.execute(asked)}
    for device in devices:
        if device in busy:
            said = f"{device} is in rollout {busy[device]}; wait for it, or halt it first"
            raise KioskError("input", said)


def _refuse_newer(session: Session, pack: PackName, devices: list[str], now: float) -> None:
    for kiosk in standings.of(session, devices, now).values():
        if kiosk.pack and kiosk.pack.id == pack.id and kiosk.pack.version > pack.version:
            raise KioskError(
                "input",
                f"{kiosk.device} has {kiosk.pack.label}, which is newer than {pack.label}; "
                "to go back say rollback",
            )


def _plan_json(plan: Plan) -> Json:
    return {**asdict(plan), "pack": plan.pack.model_dump()}


def _plan(raw: Json) -> Plan:
    return Plan(**{**raw, "pack": PackName.model_validate(raw["pack"])})


def _member(row: Any) -> Member:
    return Member(
        row.device,
        row.status,
        row.wave,
        pack_of(row.before),
        row.right_before,
        row.right_percent,
        row.told,
        row.detail,
    )


def _member_values(rollout: int, member: Member) -> Json:
    return {
        "rollout": rollout,
        "device": member.device,
        "status": member.status,
        "wave": member.wave,
        "before": member.before.model_dump() if member.before else None,
        "right_before": member.right_before,
        "right_percent": member.right_percent,
        "told": member.told,
        "detail": member.detail,
    }
