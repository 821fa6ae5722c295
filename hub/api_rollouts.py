"""Rollouts over HTTP, and the director that carries them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select

from fleet.errors import KioskError
from hub import director, rollout, rollout_step, rollouts, selection, shelf
from hub.content_tables import RolloutRow
from hub.context import Hub, Job, Part
from hub.desired import Publisher
from hub.rollout import Plan, Rollout, Step
from hub.selection import Selection
from hub.web import Asked, Json, Problem, endpoint

MAX_LISTED = 200
Found = TypeVar("Found")
Percent = Annotated[float, Field(ge=0, le=100)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}@[1-9][0-9]{0,9}$")]


class Wanted(BaseModel):
    """A rollout, as a publisher asks for it."""

    model_config = ConfigDict(extra="forbid")

    pack: Label
    select: Selection
    canary_percent: Percent = 10
    soak_s: Annotated[float, Field(ge=0, le=30 * 86_400)] = 600
    timeout_s: Annotated[float, Field(ge=1, le=30 * 86_400)] = 900
    max_failed_percent: Percent = 5
    min_right_percent: Percent | None = None
    rollback: bool = False


def part(hub: Hub) -> Part:
    """Routes under /rollouts; jobs: the director, and the publisher of desired states."""
    content = shelf.repository_of(hub).content

    def begin_rollout(asked: Asked) -> Json:
        wanted = asked.read(Wanted)
        pack = content.pack(wanted.pack)
        if pack is None:
            raise Problem(404, f"pack {wanted.pack} is not on the shelf: push it first")
        plan = Plan(pack, **wanted.model_dump(exclude={"pack", "select"}))
        now = hub.clock()
        with hub.database.write() as session:
            devices = selection.devices(session, wanted.select)
            chosen = wanted.select.words()
            number = _or_conflict(
                lambda: rollouts.create(session, plan, devices, chosen, asked.who, now)
            )
        asked.target = str(number)
        return {"rollout": number, "kiosks": len(devices)}

    def list_rollouts(_asked: Asked) -> Json:
        with hub.database.read() as session:
            newest = select(RolloutRow).order_by(RolloutRow.id.desc()).limit(MAX_LISTED)
            rows = session.scalars(newest).all()
            counts = rollouts.counts(session, [row.id for row in rows])
            found = [rollouts.summary(row, counts.get(row.id, {})) for row in rows]
        return {"rollouts": found}

    def show_rollout(asked: Asked) -> Json:
        with hub.database.read() as session:
            number = _number(asked)
            found = rollouts.load(session, number)
            row = session.get_one(RolloutRow, number)
            return rollouts.summary(row, found.counts()) | {"kiosks": _kiosks(found)}

    def change(how: Callable[[Asked, Rollout], Step]) -> Callable[[Asked], Json]:
        def changed(asked: Asked) -> Json:
            with hub.database.write() as session:
                number = _number(asked)
                found = _or_conflict(
                    lambda: rollouts.change(
                        session, number, lambda before: how(asked, before), content.holds
                    )
                )
            return {"rollout": found.id, "state": found.state}

        changed.__name__ = how.__name__
        return changed

    def pause_rollout(_asked: Asked, before: Rollout) -> Step:
        return Step(rollout.pause(before))

    def resume_rollout(_asked: Asked, before: Rollout) -> Step:
        return Step(rollout.resume(before))

    def halt_rollout(asked: Asked, before: Rollout) -> Step:
        return Step(rollout.halt(before, f"halted by {asked.who}", hub.clock()))

    def take_back_rollout(asked: Asked, before: Rollout) -> Step:
        return rollout_step.give_back(before, f"taken back by {asked.who}", hub.clock())

    by_hand = {
        "pause": pause_rollout,
        "resume": resume_rollout,
        "halt": halt_rollout,
        "rollback": take_back_rollout,
    }
    return Part(
        routes=[
            endpoint(hub, "POST", "/rollouts", "publisher", begin_rollout),
            endpoint(hub, "GET", "/rollouts", "viewer", list_rollouts),
            endpoint(hub, "GET", "/rollouts/{rollout}", "viewer", show_rollout),
            *(
                endpoint(hub, "POST", f"/rollouts/{{rollout}}/{word}", "publisher", change(how))
                for word, how in by_hand.items()
            ),
        ],
        jobs=[
            Job("rollouts", director.EVERY_S, director.Director(hub).run),
            Job("desired states", director.EVERY_S, Publisher(hub).run),
        ],
    )


def _kiosks(found: Rollout) -> list[Json]:
    members = sorted(found.members.values(), key=lambda each: (each.wave or 99, each.device))
    return [
        {
            "device": each.device,
            "wave": each.wave,
            "state": each.status,
            "before": each.before.label if each.before else None,
            "right_before": each.right_before,
            "right_percent": each.right_percent,
            "told": each.told or None,
            "detail": each.detail,
        }
        for each in members
    ]


def _number(asked: Asked) -> int:
    text = asked.path["rollout"]
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Problem(404, f"no rollout {text[:20]}")
    return int(text)


def _or_conflict(work: Callable[[], Found]) -> Found:
    """What is not possible as things are is a conflict, not a mistake in the request."""
    try:
        return work()
    except KioskError as error:
        if error.code != "input":
            raise
        raise Problem(409, error.message) from error
