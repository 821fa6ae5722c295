"""The rollout's state machine, against kiosks that are a dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.errors import KioskError
from fleet.messages import PackName, Progress
from hub import rollout, rollout_step
from hub.rollout import Order, Plan, Rollout, Standing

OLD = PackName(id="gov-hall", version=3, digest="3" * 64)
NEW = PackName(id="gov-hall", version=4, digest="4" * 64)


class Fleet:
    """Kiosks that obey `behaves`, the hub's registry of them, and a clock."""

    def __init__(self, plan: Plan, kiosks: int, offline: int = 0) -> None:
        names = [f"k-{n:04d}" for n in range(kiosks)]
        self.kiosks = {
            name: Standing(name, desired=OLD, answered=True, pack=OLD, right_percent=95.0)
            for name in names
        }
        for name in names[:offline]:
            self.set(name, online=False)
        self.rollout = rollout.begin(7, plan, names)
        self.now = 0.0
        self.orders: list[Order] = []

    def set(self, name: str, **values: object) -> None:
        self.kiosks[name] = replace(self.kiosks[name], **values)  # type: ignore[arg-type]

    def install(self, order: Order, right: float = 95.0) -> None:
        self.set(
            order.device, pack=order.pack, answered=True, progress="current", right_percent=right
        )

    def refuse(self, order: Order) -> None:
        self.set(
            order.device,
            answered=True,
            progress="refused",
            detail="3 of 40 wrong",
            right_percent=60.0,
        )

    def run(self, seconds: float, behaves: Callable[[Order], None] | None = None) -> Rollout:
        for _ in range(round(seconds)):
            self.now += 1
            for name, kiosk in self.kiosks.items():
                if kiosk.online:
                    self.set(name, seen=self.now)
            done = rollout_step.step(self.rollout, self.kiosks, self.now)
            self.rollout = done.rollout
            self.orders += done.orders
            for order in done.orders:
                self.set(order.device, desired=order.pack, answered=False)
                if self.kiosks[order.device].online and behaves:
                    behaves(order)
        return self.rollout


def test_canaries_then_half_then_all() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, soak_s=60), 50)
    assert fleet.run(2, fleet.install).counts() == {"current": 5, "waiting": 45}
    assert fleet.run(58, fleet.install).wave == 1
    assert fleet.run(5, fleet.install).counts() == {"current": 25, "waiting": 25}
    found = fleet.run(130, fleet.install)
    assert (found.state, found.counts()) == ("done", {"current": 50})
    assert fleet.orders == [Order(order.device, NEW, rollback=False) for order in fleet.orders]
    assert len({order.device for order in fleet.orders}) == 50


def test_all_at_once_ends_as_soon_as_all_have_it() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=100, soak_s=0), 50)
    assert fleet.run(2, fleet.install).state == "done"


def test_other_rollouts_have_other_canaries() -> None:
    plan = Plan(NEW, canary_percent=10)
    one, two = Fleet(plan, 100), Fleet(plan, 100)
    two.rollout = rollout.begin(8, plan, two.kiosks)
    one.run(1), two.run(1)
    assert {o.device for o in one.orders} != {o.device for o in two.orders}


def test_a_bad_pack_halts_at_the_canaries_and_they_get_back_what_they_had() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10), 50)
    fleet.run(1, fleet.refuse)
    canaries = {order.device for order in fleet.orders}
    found = fleet.run(2, fleet.install)
    assert found.state == "rolled_back"
    assert found.reason.startswith("5 of 5 failed; k-00")
    assert found.reason.endswith("3 of 40 wrong")
    assert {order.device for order in fleet.orders[5:]} == canaries
    assert all(order.rollback and order.pack == OLD for order in fleet.orders[5:])
    assert found.counts() == {"restored": 5, "waiting": 45}
    assert {kiosk.pack for kiosk in fleet.kiosks.values()} == {OLD}


def test_one_failure_of_few_is_too_many_and_of_many_is_not() -> None:
    def one_refuses(fleet: Fleet) -> Callable[[Order], None]:
        first: list[str] = []

        def behaves(order: Order) -> None:
            first.append(order.device)
            (fleet.refuse if order.device == first[0] and not order.rollback else fleet.install)(
                order
            )

        return behaves

    few = Fleet(Plan(NEW, canary_percent=100, max_failed_percent=5), 19)
    assert few.run(5, one_refuses(few)).state == "rolled_back"
    many = Fleet(Plan(NEW, canary_percent=100, max_failed_percent=5, soak_s=1), 20)
    found = many.run(5, one_refuses(many))
    assert (found.state, found.counts()) == ("done", {"failed": 1, "current": 19})


def test_silence_is_failure_after_the_timeout() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, timeout_s=100), 20)
    assert fleet.run(100).state == "running"
    found = fleet.run(3)
    assert found.state == "rolling_back"
    assert found.reason.endswith("silent after 100 s")
    # They are still silent: it ends all the same, and what is desired of them stays.
    assert fleet.run(102).state == "rolled_back"


def test_a_download_that_never_ends_is_failure_too() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, timeout_s=100), 20)

    def fetches(order: Order) -> None:
        self = fleet
        self.set(order.device, answered=True, progress="failed", detail="no answer from the hub")

    assert fleet.run(99, fetches).state == "running"
    assert fleet.run(5).reason.endswith("still failed after 100 s no answer from the hub")


@pytest.mark.parametrize(
    ("right", "minimum", "said"),
    [
        (89.0, None, "answers 89.0 % right, before 95.0 %"),
        (93.0, 94.0, "less than 94.0 %"),
        (91.0, None, ""),
    ],
)
def test_answers_that_got_worse_are_failure(right: float, minimum: float | None, said: str) -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, soak_s=5, min_right_percent=minimum), 20)
    found = fleet.run(3, lambda order: fleet.install(order, right))
    assert said in found.reason
    assert (found.state == "running") == (said == "")


def test_another_packs_questions_are_not_compared() -> None:
    fleet = Fleet(Plan(NEW.model_copy(update={"id": "bank-hall"}), canary_percent=10), 20)
    assert fleet.run(3, lambda order: fleet.install(order, 60.0)).state == "running"


def test_offline_kiosks_are_not_counted_and_get_it_in_the_end() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=50, soak_s=10), 10, offline=6)
    assert fleet.run(2, fleet.install).counts() == {"current": 2, "waiting": 8}
    fleet.set("k-0000", online=True)
    found = fleet.run(25, fleet.install)
    assert (found.state, found.counts()) == ("done", {"current": 5, "late": 5})
    assert found.members["k-0000"].wave == 2
    late = [order for order in fleet.orders if order.device == "k-0003"]
    assert late == [Order("k-0003", NEW, rollback=False)]
    assert fleet.kiosks["k-0003"].desired == NEW


def test_while_nobody_is_online_it_waits() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=50, soak_s=1), 3, offline=3)
    found = fleet.run(100, fleet.install)
    assert (found.state, found.reason, found.wave) == ("running", "no kiosk is online yet", 0)
    fleet.set("k-0001", online=True)
    found = fleet.run(10, fleet.install)
    assert (found.state, found.reason) == ("done", "")
    assert found.counts() == {"current": 1, "late": 2}


def test_going_offline_during_the_soak_is_failure() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, soak_s=600), 10)
    fleet.run(10, fleet.install)
    (canary,) = {order.device for order in fleet.orders}
    fleet.set(canary, online=False)
    assert fleet.run(100).state == "running"
    fleet.set(canary, online=True)
    assert fleet.run(1).state == "running"
    fleet.set(canary, online=False)
    found = fleet.run(125)
    assert found.state == "rolling_back"
    assert found.reason.endswith("went offline with the new pack")


def test_going_back_by_itself_is_failure() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, soak_s=600), 10)
    fleet.run(10, fleet.install)
    fleet.set(fleet.orders[0].device, pack=OLD, detail="crashed twice")
    assert fleet.run(1).reason.endswith("went back to gov-hall@3: crashed twice")


def test_who_was_silent_and_comes_back_with_the_pack_is_good() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=100, timeout_s=10, soak_s=100, max_failed_percent=50), 4)
    found = fleet.run(20, lambda order: None if order.device == "k-0000" else fleet.install(order))
    assert found.members["k-0000"].status == "failed"
    fleet.install(Order("k-0000", NEW, rollback=False))
    assert fleet.run(1).members["k-0000"].status == "current"


def test_who_is_revoked_or_told_otherwise_counts_no_more() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=100, soak_s=5, timeout_s=50), 4)
    fleet.run(1)
    fleet.set("k-0000", revoked=True)
    fleet.set("k-0001", desired=OLD)
    for name in ("k-0002", "k-0003"):
        fleet.install(Order(name, NEW, rollback=False))
    found = fleet.run(10)
    assert (found.state, found.counts()) == ("done", {"gone": 2, "current": 2})


def test_paused_watches_and_begins_nothing() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=10, soak_s=5), 20)
    fleet.run(2, fleet.install)
    fleet.rollout = rollout.pause(fleet.rollout)
    assert fleet.run(50, fleet.install).wave == 1
    fleet.rollout = rollout.resume(fleet.rollout)
    assert fleet.run(1, fleet.install).wave == 2
    fleet.rollout = rollout.pause(fleet.rollout)
    fleet.set(fleet.orders[0].device, pack=OLD)
    assert fleet.run(2).state == "rolling_back"


def test_a_halted_one_stays_and_can_be_taken_back() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=50, soak_s=500), 4)
    fleet.run(2, fleet.install)
    fleet.rollout = rollout.halt(fleet.rollout, "halted by wang", fleet.now)
    assert fleet.run(2).counts() == {"current": 2, "waiting": 2}
    with pytest.raises(KioskError, match="rollout 7 is halted"):
        rollout.resume(fleet.rollout)
    back = rollout_step.give_back(fleet.rollout, "by wang", fleet.now)
    assert {order.pack for order in back.orders} == {OLD}
    assert len(back.orders) == 2


def test_a_done_one_is_taken_back_from_all() -> None:
    fleet = Fleet(Plan(NEW, canary_percent=100, soak_s=0), 4, offline=1)
    assert fleet.run(3, fleet.install).state == "done"
    back = rollout_step.give_back(fleet.rollout, "by wang", fleet.now)
    assert len(back.orders) == 4
    with pytest.raises(KioskError, match="is rolling_back"):
        rollout_step.give_back(back.rollout, "again", fleet.now)


def test_waves() -> None:
    assert Plan(NEW, canary_percent=0).waves() == [0, 50, 100]
    assert Plan(NEW, canary_percent=60).waves() == [60, 100]
    assert Plan(NEW, canary_percent=100).waves() == [100]


PROGRESS: tuple[Progress, ...] = ("current", "fetching", "testing", "refused", "failed")
deed = st.tuples(
    st.integers(0, 11),
    st.sampled_from(["install", "refuse", "off", "on", "revoke", "stray", "old"]),
    st.integers(1, 40),
)


@settings(max_examples=60)
@given(st.lists(deed, max_size=40), st.integers(0, 100), st.integers(0, 100), st.integers(0, 5))
def test_whatever_kiosks_do_the_rules_hold(
    deeds: list[tuple[int, str, int]], canary: int, failed: int, offline: int
) -> None:
    """Nobody is told twice, nobody offline in a wave, and it comes to an end that it stays at."""
    plan = Plan(NEW, canary_percent=canary, soak_s=20, timeout_s=60, max_failed_percent=failed)
    fleet = Fleet(plan, 12, offline)
    for number, what, seconds in deeds:
        name = f"k-{number:04d}"
        told = Order(name, fleet.kiosks[name].desired, rollback=False)
        match what:
            case "install":
                fleet.install(told)
            case "refuse":
                fleet.refuse(told)
            case "off" | "on":
                fleet.set(name, online=what == "on")
            case "revoke":
                fleet.set(name, revoked=True)
            case "stray":
                fleet.set(name, desired=OLD)
            case "old":
                fleet.set(name, pack=OLD)
        before = fleet.rollout.state
        fleet.run(seconds)
        assert before in rollout.ACTIVE or fleet.rollout.state == before
    forward = [order.device for order in fleet.orders if not order.rollback]
    back = [order.device for order in fleet.orders if order.rollback]
    assert len(set(forward)) == len(forward)
    assert len(set(back)) == len(back)
    assert set(back) <= set(forward)
    for name in fleet.kiosks:
        fleet.set(name, online=True)
    assert fleet.run(600, fleet.install).state in {"done", "rolled_back"}
