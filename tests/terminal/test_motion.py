"""Arrivals and departures by a motion sensor, and its way into the kiosk."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fleet.errors import KioskError
from terminal.events import Event, PersonArrived, PersonLeft
from terminal.lookout import MotionLookout
from terminal.motion import Motion, MotionSettings
from terminal.virtual_time import run

STEP_S = 0.1
SETTINGS = MotionSettings(dwell_s=0.6, left_s=20.0, cool_down_s=8.0)


def seen(*pieces: tuple[float, bool], motion: Motion | None = None) -> list[tuple[float, Event]]:
    """(seconds, level) pieces -> events with their times."""
    motion = motion or Motion(SETTINGS)
    levels = [level for seconds, level in pieces for _ in range(round(seconds / STEP_S))]
    found = [
        (round(i * STEP_S, 1), motion.see(level, i * STEP_S)) for i, level in enumerate(levels)
    ]
    return [(at, event) for at, event in found if event is not None]


def test_who_moves_for_a_moment_has_come_and_who_stands_still_is_there() -> None:
    assert seen((1.0, False), (2.0, True), (15.0, False)) == [(1.6, PersonArrived())]


def test_a_flicker_is_nobody() -> None:
    assert seen((0.3, True), (0.2, False), (0.4, True), (1.0, False)) == []


def test_nothing_moves_for_long_and_they_have_left() -> None:
    (_, left) = seen((2.0, True), (30.0, False))
    assert left == (21.9, PersonLeft())


def test_soon_after_a_greeting_nobody_is_greeted_again() -> None:
    motion = Motion(MotionSettings(left_s=2.0))
    events = seen((1.0, True), (3.0, False), (1.0, True), (12.0, False), (1.0, True), motion=motion)
    greeted = [event.greet for _, event in events if isinstance(event, PersonArrived)]
    assert greeted == [True, False, True]


class Pir:
    """Gives levels, then breaks or ends."""

    def __init__(self, *levels: bool, error: KioskError | None = None) -> None:
        self._levels = levels
        self._error = error

    async def levels(self) -> AsyncIterator[bool]:
        for level in self._levels:
            yield level
        if self._error:
            raise self._error


def test_a_sensor_that_breaks_does_not_end_the_kiosk() -> None:
    events: list[Event] = []
    eager = Motion(MotionSettings(dwell_s=0.0))
    broken = Pir(True, True, error=KioskError("missing", "gone"))
    run(MotionLookout(broken, eager, events.append).run())
    assert events == [PersonArrived()]
