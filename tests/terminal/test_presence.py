"""Who counts as a visitor: scripts of faces, and what is reported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.events import PersonArrived, PersonLeft
from terminal.presence import STILL_S, width_at
from terminal.tracks import Seen
from tests.terminal.onlookers import ALIVE, Hall, alive, face, printed, walk


def test_who_stops_in_front_is_greeted_once_and_soon() -> None:
    hall = Hall().follow(walk(2, (0.5, 0.02), (0.5, 0.1)))
    stopped = hall.at
    hall.watch(30, alive())
    ((at, event),) = hall.events
    assert event == PersonArrived(greet=True, newcomer=False)
    assert at - stopped <= 1.5


def test_who_goes_is_missed_after_the_time_to_look_down() -> None:
    hall = Hall(left_s=3.0).watch(3, alive())
    gone = hall.at
    hall.watch(10)
    assert [type(event) for event in hall.reported] == [PersonArrived, PersonLeft]
    assert 3.0 < hall.events[1][0] - gone <= 3.4


def test_who_looks_down_for_a_moment_has_not_left() -> None:
    hall = Hall().watch(3, alive()).watch(2.4).watch(3, alive())
    assert hall.reported == [PersonArrived()]


def test_who_stays_but_steps_back_within_reach_has_not_left() -> None:
    hall = Hall().watch(3, alive(width=0.07)).watch(10, alive(width=0.05))
    assert hall.reported == [PersonArrived()]


def test_who_steps_back_further_has_left() -> None:
    hall = Hall().watch(3, alive(width=0.07)).follow(walk(2, (0.5, 0.07), (0.5, 0.03)))
    hall.watch(4, alive(width=0.03))
    assert hall.reported == [PersonArrived(), PersonLeft()]


@pytest.mark.parametrize(
    ("from_", "to", "seconds"),
    [
        ((-0.1, 0.1), (1.1, 0.1), 1.6),  # close by, briskly
        ((-0.1, 0.1), (1.1, 0.1), 3.0),  # close by, strolling
        ((-0.1, 0.04), (1.1, 0.04), 6.0),  # far away
        ((0.5, 0.03), (0.55, 0.2), 2.0),  # straight on, past the kiosk's side
    ],
)
def test_who_walks_past_is_not_greeted(
    from_: tuple[float, float], to: tuple[float, float], seconds: float
) -> None:
    assert Hall().follow(walk(seconds, from_, to)).watch(5).reported == []


@pytest.mark.parametrize(
    "stays",
    [
        alive(width=0.05),
        Seen(face(facing=0.1), ALIVE),
        Seen(face(score=0.7), ALIVE),
        printed(),
    ],
    ids=["too far", "turned away", "doubtful", "a poster"],
)
def test_whoever_is_no_visitor_is_not_greeted(stays: Seen) -> None:
    assert Hall().watch(30, stays).reported == []


def test_a_poster_half_hidden_for_a_moment_does_not_come_alive() -> None:
    hall = Hall()
    for _ in range(8):
        hall.watch(2, printed()).watch(0.2, printed(x=0.53, width=0.07)).watch(0.6)
    assert hall.reported == []


def test_a_poster_does_not_hide_a_visitor_nor_hold_the_visit() -> None:
    poster = printed(x=0.8)
    hall = Hall().watch(10, poster).watch(5, poster, alive(x=0.4)).watch(10, poster)
    assert hall.reported == [PersonArrived(), PersonLeft()]


def test_a_poster_that_was_carried_in_is_found_out() -> None:
    hall = Hall().follow(walk(2, (0.2, 0.1), (0.5, 0.1))).watch(STILL_S + 10, printed())
    assert hall.reported == [PersonArrived(), PersonLeft()]


def test_two_together_are_one_visit_until_the_last_has_gone() -> None:
    hall = Hall().watch(3, alive(0.4), alive(0.7, 0.08)).watch(10, alive(0.7, 0.08))
    assert hall.reported == [PersonArrived()]
    hall.watch(5)
    assert hall.reported == [PersonArrived(), PersonLeft()]


def test_who_waited_behind_and_steps_up_is_somebody_else() -> None:
    hall = Hall().watch(3, alive(0.4, 0.15)).watch(4, alive(0.4, 0.15), alive(0.6, 0.065))
    hall.watch(1, alive(0.6, 0.065)).follow(walk(1, (0.6, 0.065), (0.5, 0.15)))
    hall.watch(4, alive(0.5, 0.15))
    assert hall.reported == [PersonArrived(), PersonLeft(), PersonArrived(True, newcomer=True)]


def test_who_waits_behind_is_not_taken_for_a_visitor_who_looks_down() -> None:
    behind = alive(0.6, 0.065)
    hall = Hall(cool_down_s=20.0).watch(4, alive(0.4, 0.15), behind).watch(4, behind)
    hall.watch(4, alive(0.4, 0.15), behind)
    assert hall.reported == [PersonArrived(), PersonLeft(), PersonArrived(greet=False)]


def test_who_is_back_soon_is_not_greeted_again_but_later_is() -> None:
    hall = Hall(cool_down_s=20.0).watch(3, alive()).watch(5).watch(3, alive())
    assert hall.reported == [PersonArrived(), PersonLeft(), PersonArrived(greet=False)]
    hall.watch(30).watch(3, alive())
    assert hall.reported[3:] == [PersonLeft(), PersonArrived(greet=True)]


def test_darkness_neither_brings_nor_sends_anybody_away() -> None:
    hall = Hall().watch(3, alive())
    for _ in range(300):
        hall.at += 0.2
        hall.presence.hold(hall.at)
    hall.watch(3, alive())
    assert hall.reported == [PersonArrived()]
    hall.watch(5)
    assert hall.reported == [PersonArrived(), PersonLeft()]


def test_a_lost_camera_sends_nobody_away_and_knows_nobody() -> None:
    hall = Hall().watch(3, alive())
    hall.presence.forget()
    assert not hall.presence.occupied
    assert hall.watch(5).reported == [PersonArrived()]


def test_fewer_pictures_a_second_greet_too() -> None:
    hall = Hall()
    for step in range(10):
        hall.at = step * 0.45
        hall.events += [(hall.at, each) for each in hall.presence.see([alive()], hall.at)]
    assert hall.reported == [PersonArrived()]
    assert hall.events[0][0] <= 1.0


def test_a_longer_dwell_time_greets_later() -> None:
    arrived = [Hall(dwell_s=s).watch(10, alive()).events[0][0] for s in (0.4, 0.6, 2.0)]
    assert arrived == sorted(arrived)
    assert arrived[-1] >= 2.0


def test_a_face_is_half_as_wide_at_twice_the_distance_and_in_a_wider_view() -> None:
    assert width_at(3.0, 70) == pytest.approx(width_at(1.5, 70) / 2)
    assert width_at(1.5, 110) < width_at(1.5, 70)
    assert 0.05 < width_at(1.5, 70) < 0.06


FACES = st.builds(
    alive,
    x=st.floats(-0.2, 1.2),
    width=st.floats(0, 1),
    facing=st.floats(0, 1),
    score=st.floats(0.6, 1),
)


@given(st.lists(st.lists(FACES, max_size=3), max_size=60))
def test_arrivals_and_departures_take_turns_whatever_is_seen(pictures: list[list[Seen]]) -> None:
    hall = Hall()
    for seen in pictures:
        hall.see(*seen)
    kinds = [type(event) for event in hall.reported]
    assert kinds == [PersonArrived, PersonLeft] * (len(kinds) // 2) + kinds[-1:] * (len(kinds) % 2)
    assert hall.presence.occupied == (len(kinds) % 2 == 1)
