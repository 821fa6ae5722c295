"""The benchmark of idle cost: a real kiosk for some seconds, and its bad input."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from hardware.pictures import shots_of
from terminal.bench import idle
from terminal.cli import app
from terminal.errors import KioskError

runner = CliRunner()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two seconds, ten pictures each."""
    file = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120))
    for grey in range(0, 200, 10):
        writer.write(np.full((120, 160, 3), grey, np.uint8))
    writer.release()
    return file


def test_a_film_goes_on_for_as_long_as_it_must(film: Path, tmp_path: Path) -> None:
    idle._lengthen(film, tmp_path / "long.avi", 7.0)
    shots = list(shots_of(tmp_path / "long.avi"))
    assert len(shots) == 35
    again = [
        abs(float(shots[i].picture.mean()) - float(shots[i + 10].picture.mean())) for i in range(10)
    ]
    assert max(again) < 3


def test_a_missing_film_says_how_to_get_one(tmp_path: Path) -> None:
    result = runner.invoke(app, ["bench", "idle", str(tmp_path / "none.avi")])
    assert isinstance(result.exception, KioskError)
    assert result.exception.exit_status == 3
    assert "opencv-doc" in result.exception.message


@pytest.mark.models
def test_a_kiosk_that_watches_and_can_be_called(film: Path) -> None:
    result = runner.invoke(
        app, ["bench", "idle", str(film), "--seconds", "5", "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    (run,) = found["figures"]
    assert run["what"] == "camera and wake word"
    assert run["dropped_frames"] >= 0
    assert 0 < run["core_percent"] < 100
    assert 300 < run["rss_mb"] <= run["peak_mb"] < 1000
