"""Faces in front of a kiosk, for the tests of presence: five pictures a second, by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.base import Face
from terminal.events import PersonArrived, PersonLeft
from terminal.presence import Presence, PresenceSettings
from terminal.tracks import Seen

NEAR = 0.06
STEP_S = 0.2
ALIVE, DEAD = 8.0, 0.8
"""Change inside a living and a printed face, as measured in the scenes of the benchmark."""


def face(
    x: float = 0.5, width: float = 0.1, *, facing: float = 0.9, score: float = 0.9, y: float = 0.4
) -> Face:
    """A face by its centre, in a picture of 4:3."""
    height = width * 4 / 3
    return Face(x - width / 2, y - height / 2, width, height, score, facing)


def alive(x: float = 0.5, width: float = 0.1, **more: float) -> Seen:
    return Seen(face(x, width, **more), ALIVE)


def printed(x: float = 0.5, width: float = 0.1) -> Seen:
    return Seen(face(x, width), DEAD)


class Hall:
    """A presence, the time, and what was reported."""

    def __init__(self, **settings: float) -> None:
        self.presence = Presence(PresenceSettings(NEAR, **settings))
        self.at = 0.0
        self.events: list[tuple[float, PersonArrived | PersonLeft]] = []

    def see(self, *seen: Seen) -> None:
        """One picture."""
        self.at = round(self.at + STEP_S, 3)
        self.events += [(self.at, event) for event in self.presence.see(seen, self.at)]

    def watch(self, seconds: float, *seen: Seen) -> Hall:
        """The same again and again."""
        for _ in range(round(seconds / STEP_S)):
            self.see(*seen)
        return self

    def follow(self, pictures: Iterator[Sequence[Seen]]) -> Hall:
        for seen in pictures:
            self.see(*seen)
        return self

    @property
    def reported(self) -> list[PersonArrived | PersonLeft]:
        return [event for _, event in self.events]


def walk(
    seconds: float, from_: tuple[float, float], to: tuple[float, float]
) -> Iterator[list[Seen]]:
    """Somebody's (x, width) from one to the other."""
    steps = round(seconds / STEP_S)
    for step in range(1, steps + 1):
        part = step / steps
        x, width = (a + (b - a) * part for a, b in zip(from_, to, strict=True))
        yield [alive(x, width)]
