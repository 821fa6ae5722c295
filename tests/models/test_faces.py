"""The face detector: finds faces and where they look, in pictures of any kind."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage

from models.base import FaceDetector, Picture
from models.blazeface import facing

pytestmark = pytest.mark.models

PICTURES = Path(skimage.__file__).parent / "data"


def picture(name: str) -> Picture:
    return np.asarray(cv2.imread(str(PICTURES / name)), np.uint8)


@pytest.fixture(scope="module")
def astronaut() -> Picture:
    return picture("astronaut.png")


def test_a_face_is_found_where_it_is(face_detector: FaceDetector, astronaut: Picture) -> None:
    (face,) = face_detector.faces(astronaut)
    assert face.score > 0.8
    assert face.centre == pytest.approx((0.44, 0.24), abs=0.03)
    assert face.width == pytest.approx(0.2, abs=0.03)
    assert face.height == pytest.approx(face.width, abs=0.02)
    assert face.facing > 0.8


def test_who_looks_aside_is_told_apart(face_detector: FaceDetector) -> None:
    (face,) = face_detector.faces(picture("camera.png"))
    assert face.facing < 0.2


@pytest.mark.parametrize("name", ["brick.png", "coffee.png", "motorcycle_left.png", "rocket.jpg"])
def test_no_face_is_seen_where_none_is(face_detector: FaceDetector, name: str) -> None:
    assert face_detector.faces(picture(name)) == []


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 720), (480, 640)])
def test_boxes_fit_pictures_of_any_shape(
    face_detector: FaceDetector, astronaut: Picture, size: tuple[int, int]
) -> None:
    width, height = size
    hall = np.full((height, width, 3), 120, np.uint8)
    hall[: height // 2, : height // 2] = cv2.resize(astronaut, (height // 2, height // 2))
    (face,) = face_detector.faces(hall)
    assert face.centre[0] * width == pytest.approx(0.44 * height / 2, abs=height / 40)
    assert face.centre[1] * height == pytest.approx(0.24 * height / 2, abs=height / 40)


def test_two_faces_are_two(face_detector: FaceDetector, astronaut: Picture) -> None:
    both = np.hstack([astronaut, astronaut[:, ::-1]])
    found = face_detector.faces(both)
    assert len(found) == 2
    assert found[0].centre[0] + found[1].centre[0] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (2000, 1, 3), (64, 64, 3)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_with_nothing_in_them(
    face_detector: FaceDetector, shape: tuple[int, int, int], level: int
) -> None:
    assert face_detector.faces(np.full(shape, level, np.uint8)) == []


@pytest.mark.parametrize(
    ("nose_x", "expected"), [(0.5, 1.0), (0.25, 0.5), (0.75, 0.5), (0.0, 0.0), (1.3, 0.0)]
)
def test_facing_is_how_evenly_the_nose_lies_between_the_ears(
    nose_x: float, expected: float
) -> None:
    landmarks = np.zeros((6, 2), np.float32)
    landmarks[2], landmarks[5] = (nose_x, 0.4), (1.0, 0.0)
    assert facing(landmarks) == pytest.approx(expected)
    turned = landmarks @ np.array([[0.8, 0.6], [-0.6, 0.8]], np.float32)
    assert facing(turned) == pytest.approx(expected, abs=1e-5)


def test_ears_in_one_place_are_no_face_this_way() -> None:
    assert facing(np.zeros((6, 2), np.float32)) == 0
