"""Rollouts in the database: begun, listed, and carried from one state to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from fleet.errors import KioskError
from fleet.messages import PackName, Reported
from hub import desired
from hub.content_tables import MemberRow, RolloutRow
from hub.registry import SILENT_S
from hub.rollout import ACTIVE, Member, Order, Plan, Rollout, Standing, Step, begin
from hub.tables import Kiosk

Json = dict[str, Any]
_IN_AT_ONCE = 500
"""Names in one query: databases take only so many."""


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
    rows = session.scalars(select(MemberRow).where(MemberRow.rollout == rollout))
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


def take(session: Session, before: Rollout, step: Step) -> None:
    """Save what has changed, and let kiosks be given what was ordered: in one transaction."""
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
    for order in step.orders:
        _obey(session, order)


def change(session: Session, rollout: int, how: Callable[[Rollout], Step]) -> Rollout:
    """Do something to one by hand."""
    lock = select(RolloutRow).where(RolloutRow.id == rollout).with_for_update()
    session.execute(lock).all()
    before = load(session, rollout)
    step = how(before)
    take(session, before, step)
    return step.rollout


def standings(
    session: Session, devices: Iterable[str], now: float, since: float = 0.0
) -> dict[str, Standing]:
    """How the kiosks are, as far as a hub knows that has listened `since` then."""
    found: dict[str, Standing] = {}
    names = sorted(devices)
    for start in range(0, len(names), _IN_AT_ONCE):
        some = names[start : start + _IN_AT_ONCE]
        for kiosk in session.scalars(select(Kiosk).where(Kiosk.device.in_(some))):
            found[kiosk.device] = standing(kiosk, now, since)
    return found


def standing(kiosk: Kiosk, now: float, since: float = 0.0) -> Standing:
    """How one kiosk is."""
    wanted = desired.of(kiosk)
    reported = Reported.model_validate(kiosk.reported) if kiosk.reported else None
    known = Standing(
        kiosk.device,
        online=kiosk.online and now - max(kiosk.seen, since) < SILENT_S,
        seen=kiosk.seen,
        revoked=kiosk.revoked is not None,
        desired=wanted.pack if wanted else None,
    )
    if reported is None:
        return known
    return Standing(
        known.device,
        known.online,
        known.seen,
        known.revoked,
        known.desired,
        answered=reported.desired >= kiosk.desired_version,
        pack=reported.pack,
        progress=reported.progress,
        detail=reported.detail,
        right_percent=reported.right_percent,
    )


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


def _version(pack: Any) -> Any:
    return pack["version"].as_integer()


def _stage(row: RolloutRow, plan: Plan) -> str:
    if row.wave == 0:
        return "not begun"
    waves = len(plan.waves())
    name = "canaries" if row.wave == 1 and waves > 1 else f"wave {row.wave} of {waves}"
    return f"{name}, soaking" if row.settled is not None and row.state == "running" else name


def _obey(session: Session, order: Order) -> None:
    desired.give_pack(session, order.device, order.pack, rollback=order.rollback)


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
    for kiosk in standings(session, devices, now).values():
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


def _member(row: MemberRow) -> Member:
    return Member(
        row.device,
        row.status,  # type: ignore[arg-type]
        row.wave,
        PackName.model_validate(row.before) if row.before else None,
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
