"""Plans of what goes wrong."""

from __future__ import annotations

import asyncio
import random

from hypothesis import given
from hypothesis import strategies as st

from terminal.simulate.nemesis import BLOWS, Blow, Planned, Strike, plan, strike

SECONDS = st.floats(0, 600)
SOME = st.sets(st.sampled_from(BLOWS))


@given(st.integers(), SECONDS, SOME)
def test_blows_follow_each_other_and_end_in_time(seed: int, seconds: float, can: set[Blow]) -> None:
    planned = plan(random.Random(seed), seconds, can)
    assert {each.blow for each in planned} <= can
    end = 0.0
    for each in planned:
        assert each.at_s > end
        end = each.at_s + each.lasts_s
    assert end <= seconds + 0.01


@given(st.integers())
def test_each_is_struck_before_any_is_twice(seed: int) -> None:
    planned = plan(random.Random(seed), 3600, BLOWS)
    first = [each.blow for each in planned[: len(BLOWS)]]
    assert sorted(first) == sorted(BLOWS)


def test_same_seed_same_plan() -> None:
    assert plan(random.Random(3), 60, BLOWS) == plan(random.Random(3), 60, reversed(BLOWS))


def test_blows_are_carried_out_in_turn() -> None:
    struck: list[tuple[Blow, float]] = []

    def how(blow: Blow) -> Strike:
        async def note(lasts_s: float) -> None:
            struck.append((blow, lasts_s))

        return note

    planned = [Planned(0.0, "cut", 0.5), Planned(0.01, "slow", 0.7)]
    done = asyncio.run(strike(planned, {"cut": how("cut"), "slow": how("slow")}))
    assert done == planned
    assert struck == [("cut", 0.5), ("slow", 0.7)]
