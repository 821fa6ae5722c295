"""The benchmark of presence: rows, painted scenes, bad files, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
from typer.testing import CliRunner

from models.base import FaceDetector
from terminal.bench import presence_set, scenes
from terminal.bench.presence import Bench, Row, line
from terminal.bench.presence_run import summarised
from terminal.bench.presence_set import StandardSet
from terminal.cli import app
from terminal.config import PresenceSection
from terminal.errors import KioskError
from terminal.lookout import presence_settings

PICTURES = Path(skimage.__file__).parent / "data"
SCENES = {scene.name: scene for scene in scenes.standard()}


@pytest.fixture(scope="module")
def bench(face_detector: FaceDetector) -> Bench:
    return Bench(face_detector, presence_settings(PresenceSection()))


# Scenes


def test_a_scene_is_the_same_at_every_run_and_shows_whom_it_should() -> None:
    head = scenes.Head(np.full((100, 100, 3), 255, np.uint8), 45.0)
    hall = np.zeros((48, 64, 3), np.uint8)
    scene = scenes.Scene("one", 8.0, (scenes.visit(1.0, 2.0),))
    once, again = (list(scenes.shots(scene, head, hall)) for _ in range(2))
    assert len(once) == 40
    assert all((a.picture == b.picture).all() for a, b in zip(once, again, strict=True))
    bright = [int((shot.picture > 128).sum()) for shot in once]
    assert bright[0] == 0
    assert bright[10] < bright[20]
    assert bright[-1] == 0


def test_people_sway_and_posters_do_not() -> None:
    alive, dead = scenes.visit(0.0, 60.0), scenes.poster(60.0)
    assert len({alive.place(at) for at in (10.0, 10.4, 11.0)}) == 3
    assert len({dead.place(at) for at in (10.0, 10.4, 11.0)}) == 1
    assert alive.place(-1.0) is None
    assert alive.place(90.0) is None


@pytest.mark.models
@pytest.mark.parametrize(
    "name",
    [
        "stops at the far edge",
        "one after the other",
        "comes close and turns off",
        "poster, people pass before it",
        "poster, light flickers",
    ],
)
def test_a_scene_ends_as_it_should(bench: Bench, face_detector: FaceDetector, name: str) -> None:
    head, hall = presence_set.actors_of(PICTURES, face_detector)
    row = bench.scene(SCENES[name], scenes.shots(SCENES[name], head, hall))
    assert row.ok, row
    assert row.greetings == len(SCENES[name].stops)


# Files


@pytest.mark.models
def test_one_picture_is_somebody_who_stands_there(bench: Bench) -> None:
    row = bench.file(PICTURES / "astronaut.png")
    assert (row.faces, row.near, row.greetings) == (1, 1, 1)
    assert bench.file(PICTURES / "camera.png").greetings == 0  # looks aside
    assert bench.file(PICTURES / "coffee.png").faces == 0


@pytest.mark.models
def test_a_video_is_watched_as_the_kiosk_would(bench: Bench, tmp_path: Path) -> None:
    astronaut = np.asarray(cv2.imread(str(PICTURES / "astronaut.png")), np.uint8)
    for name, moves, greetings in (("still.avi", 0, 0), ("alive.avi", 4, 1)):
        file = tmp_path / name
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (512, 512))
        for index in range(40):
            picture = astronaut.copy()
            head = slice(40, 220)  # A shake of the whole picture would be the camera's.
            picture[head] = np.roll(astronaut[head], moves * (index % 3), axis=1)
            writer.write(picture)
        writer.release()
        row = bench.file(file)
        assert (row.faces, row.near, row.greetings) == (1, 1, greetings)
        assert row.core_percent is not None


@pytest.mark.models
@pytest.mark.skipif(not presence_set.VIDEO.exists(), reason=presence_set.GET_VIDEO)
def test_nobody_in_the_distance_is_greeted(bench: Bench) -> None:
    row = bench.file(presence_set.VIDEO, 0)
    assert (row.greetings, row.near) == (0, 0)
    assert row.ok


# What is printed


def test_a_row_is_one_line_with_the_five_fields() -> None:
    record = json.loads(line(Row("a.png", 2, 1, 0.87654, 1)))
    assert record == {"file": "a.png", "faces": 2, "near": 1, "score": 0.877, "greetings": 1}


def test_a_greeting_too_late_or_too_many_is_wrong() -> None:
    good = Row("a", 1, 1, 0.9, 1, 3.0, 1, (0.6,))
    late, more = Row("a", 1, 1, 0.9, 1, 3.0, 1, (1.6,)), Row("a", 1, 1, 0.9, 2, 5.0, 1, (0.6,))
    assert [row.ok for row in (good, late, more)] == [True, False, False]
    found = summarised([good, late, more], 9.04)
    assert found == {
        "right": "1 of 3",
        "latest_greeting_s": 1.6,
        "detector_ms": 9.0,
        "core_percent_mean": 3.7,
        "core_percent_most": 5.0,
    }


def test_what_the_standard_set_lacks_is_told() -> None:
    assert StandardSet(None, PICTURES).lacking == [presence_set.GET_VIDEO]
    assert StandardSet(PICTURES, None).lacking == [presence_set.GET_PICTURES]
    assert StandardSet(PICTURES, PICTURES).lacking == []
    assert [greetings for _, greetings in StandardSet(None, PICTURES).files()].count(1) == 1


@pytest.mark.models
def test_good_files_are_told_before_the_bad_ones_are(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    arguments = ["bench", "presence", str(bad), str(PICTURES / "brick.png"), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert json.loads(done.stdout) == {
        "file": str(PICTURES / "brick.png"),
        "faces": 0,
        "near": 0,
        "score": 0.0,
        "greetings": 0,
    }
    assert isinstance(done.exception, KioskError)
    assert str(bad) in done.exception.message
