"""Who is loud enough to be the citizen."""

from __future__ import annotations

import numpy as np
import pytest

from terminal.endpoint import FRAME_S
from terminal.floor import HIGHEST_DB, SILENCE_DB, Floor, level_of


def pushed(
    floor: Floor, seconds: float, level_db: float, *, speech: bool, in_turn: bool
) -> list[bool]:
    count = round(seconds / FRAME_S)
    return [floor.push(level_db, speech, in_turn) for _ in range(count)]


def test_in_a_quiet_hall_everybody_counts() -> None:
    floor = Floor()
    pushed(floor, 2, -70, speech=False, in_turn=False)
    assert all(pushed(floor, 0.2, -50, speech=True, in_turn=False))


def test_the_halls_own_talk_does_not_count_and_the_citizen_does() -> None:
    floor = Floor()
    pushed(floor, 2, -45, speech=True, in_turn=False)
    assert not any(pushed(floor, 2, -44, speech=True, in_turn=False))
    assert all(pushed(floor, 0.2, -30, speech=True, in_turn=False))


def test_the_floor_follows_the_hall_up_slowly_and_down_at_once() -> None:
    floor = Floor()
    pushed(floor, 1, -70, speech=False, in_turn=False)
    pushed(floor, 1, -45, speech=True, in_turn=False)
    risen = floor.floor_db
    assert -70 < risen < -55
    pushed(floor, 1, -70, speech=False, in_turn=False)
    assert floor.floor_db == pytest.approx(-65, abs=1)


def test_a_loud_hall_never_shuts_the_citizen_out() -> None:
    floor = Floor()
    pushed(floor, 60, -20, speech=False, in_turn=False)
    assert floor.floor_db == HIGHEST_DB


def test_who_talks_on_far_below_the_citizen_is_somebody_else() -> None:
    floor = Floor()
    pushed(floor, 1, -70, speech=False, in_turn=False)
    assert all(pushed(floor, 2, -25, speech=True, in_turn=True))
    others = pushed(floor, 3, -38, speech=True, in_turn=True)
    assert others[0]
    assert not any(others[-30:])
    assert others.index(False) * FRAME_S < 2.0


def test_a_swallowed_word_is_still_the_citizens() -> None:
    floor = Floor()
    pushed(floor, 1, -70, speech=False, in_turn=False)
    pushed(floor, 2, -25, speech=True, in_turn=True)
    assert all(pushed(floor, 0.7, -38, speech=True, in_turn=True))
    assert all(pushed(floor, 1, -26, speech=True, in_turn=True))


def test_a_bang_is_no_measure_for_the_citizen() -> None:
    floor = Floor()
    pushed(floor, 1, -70, speech=False, in_turn=False)
    pushed(floor, 0.3, -3, speech=False, in_turn=True)
    assert all(pushed(floor, 3, -28, speech=True, in_turn=True))


def test_a_false_alarm_raises_the_floor_for_some_seconds() -> None:
    floor = Floor()
    pushed(floor, 1, -70, speech=False, in_turn=False)
    floor.raise_to(-40)
    assert not any(pushed(floor, 1, -45, speech=True, in_turn=False))
    pushed(floor, 10, -70, speech=False, in_turn=False)
    assert all(pushed(floor, 0.1, -45, speech=True, in_turn=False))


def test_a_strict_ear_takes_only_who_is_as_loud_as_the_citizen_was() -> None:
    floor = Floor()
    pushed(floor, 1, -70, speech=False, in_turn=False)
    pushed(floor, 2, -25, speech=True, in_turn=True)
    floor.heard_out()
    floor.begin()
    floor.strict = True
    pushed(floor, 1, -70, speech=False, in_turn=False)
    assert not any(pushed(floor, 1, -36, speech=True, in_turn=False))
    assert all(pushed(floor, 0.3, -27, speech=True, in_turn=False))


def test_the_next_citizen_may_be_softer() -> None:
    floor = Floor()
    pushed(floor, 2, -15, speech=True, in_turn=True)
    floor.heard_out()
    floor.forget()
    floor.raise_to(-5)
    assert floor.floor_db == HIGHEST_DB


def test_levels_are_of_full_scale() -> None:
    assert level_of(np.full(512, 0.1, np.float32)) == pytest.approx(-20)
    assert level_of(np.zeros(512, np.float32)) == SILENCE_DB
