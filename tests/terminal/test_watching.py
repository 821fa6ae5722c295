"""Pictures in, presence events out: what is searched, what is weighed, what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.base import Shot
from models.base import Face, Picture
from terminal.events import PersonArrived, PersonLeft
from terminal.presence import Presence, PresenceSettings
from terminal.watching import REMEMBERED_S, Watching, blindness, brightened, shrunk
from tests.terminal.onlookers import NEAR, face

DRAW = np.random.default_rng(3)
HALL: Picture = DRAW.integers(60, 160, (240, 320, 3)).astype(np.uint8)


class FixedDetector:
    """Sees what it is told to."""

    def __init__(self, *faces: Face) -> None:
        self.told = list(faces)
        self.pictures: list[Picture] = []

    def faces(self, picture: Picture) -> list[Face]:
        self.pictures.append(picture)
        return self.told


class Watch:
    """A watch and its clock."""

    def __init__(self, *faces: Face) -> None:
        self.detector = FixedDetector(*faces)
        self.events: list[PersonArrived | PersonLeft] = []
        self.watching = Watching(
            self.detector, Presence(PresenceSettings(NEAR)), self.events.append
        )
        self.at = 0.0

    def look(self, *pictures: Picture) -> None:
        for picture in pictures:
            self.at = round(self.at + 0.2, 3)
            self.watching.look(Shot(picture, self.at))


def noisy(picture: Picture, level: float = 3.0) -> Picture:
    grain = DRAW.normal(0, level, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def with_patch(shift: int, where: Face) -> Picture:
    """The hall, with something in a face's place that moves by points."""
    picture = HALL.copy()
    height, width = picture.shape[:2]
    left, top = int(where.x * width), int(where.y * height)
    wide, high = int(where.width * width), int(where.height * height)
    stripes = (np.arange(wide) + shift) // 4 % 2 * 200
    picture[top : top + high, left : left + wide] = stripes[None, :, None]
    return picture


def test_a_living_face_is_greeted_and_a_printed_one_is_not() -> None:
    where = face(0.5, 0.2)
    living, printed = Watch(where), Watch(where)
    for step in range(20):
        living.look(noisy(with_patch(step % 7, where)))
        printed.look(noisy(with_patch(0, where)))
    assert living.events == [PersonArrived()]
    assert printed.events == []


def test_noise_and_a_change_of_the_light_are_not_life() -> None:
    where = face(0.5, 0.2)
    watch = Watch(where)
    picture = with_patch(0, where)
    for step in range(40):
        light = 1 + 0.15 * (step % 2)
        watch.look(noisy(np.clip(picture * light, 0, 255).astype(np.uint8)))
    assert watch.events == []


def test_where_nothing_moves_faces_are_looked_for_once_a_second() -> None:
    watch = Watch()
    watch.look(*[noisy(HALL) for _ in range(50)])
    assert watch.watching.counts["seen"] == 50
    assert 10 <= watch.watching.counts["searched"] <= 12


def test_where_something_moves_they_are_looked_for_in_every_picture() -> None:
    watch = Watch()
    for step in range(20):
        picture = HALL.copy()
        picture[80:160, step * 12 : step * 12 + 60] = 250
        watch.look(picture)
    assert watch.watching.counts["searched"] == 20


def test_between_searches_the_faces_found_are_still_there() -> None:
    watch = Watch(face())
    watch.look(*[HALL] * 4)
    assert watch.watching.counts["searched"] == 1
    assert list(watch.watching.faces) == [face()]


@pytest.mark.parametrize(("level", "why"), [(0, "dark"), (8, "dark"), (255, "bright")])
def test_a_dark_or_white_picture_is_not_searched(level: int, why: str) -> None:
    watch = Watch(face())
    watch.look(*[np.full_like(HALL, level)] * 10)
    assert watch.detector.pictures == []
    assert watch.watching.counts == {"seen": 10, why: 10}
    assert watch.events == []


def test_a_bright_window_is_not_yet_glare() -> None:
    picture = HALL.copy()
    picture[:120] = 255
    assert blindness(shrunk(picture)) == ""


def test_a_dim_picture_is_searched_with_more_light_and_a_good_one_as_it_is() -> None:
    assert brightened(HALL, 100.0) is HALL
    dim = (HALL * 0.2).astype(np.uint8)
    lit = brightened(dim, float(dim.mean()))
    assert 80 < lit.mean() < 110


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (700, 2, 3), (3000, 4000, 3)])
def test_pictures_of_any_shape_are_looked_at(shape: tuple[int, int, int]) -> None:
    watch = Watch(face(), Face(-3.0, 5.0, 0.0, 0.0, 0.9, 0.5))
    watch.look(*[np.full(shape, 120, np.uint8)] * 3)
    assert len(watch.watching.faces) == 2


def test_a_camera_that_changes_its_size_does_no_harm() -> None:
    watch = Watch(face())
    watch.look(HALL, HALL[:200], HALL)
    assert watch.watching.counts["seen"] == 3


def test_a_second_of_small_grey_pictures_is_all_that_is_kept() -> None:
    watch = Watch(face())
    watch.look(*[noisy(HALL) for _ in range(100)])
    arrays = [value for value in held(watch.watching) if isinstance(value, np.ndarray)]
    assert all(array.ndim == 2 and array.shape[1] == 160 for array in arrays)
    assert len(arrays) <= REMEMBERED_S * 5 + 2
    watch.watching.forget()
    assert not [value for value in held(watch.watching) if isinstance(value, np.ndarray)]


def held(watching: Watching) -> list[object]:
    """What a watch holds on to, two levels deep; the detector is the test's own."""
    found: list[object] = []
    for name, value in vars(watching).items():
        if name == "_detector":
            continue
        each = (
            list(value)
            if hasattr(value, "__iter__") and not isinstance(value, np.ndarray)
            else [value]
        )
        for one in each:
            found += list(one) if isinstance(one, tuple) else [one]
    return found
