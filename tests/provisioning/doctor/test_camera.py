"""A camera's pictures judged: drawn ones, and a video in the camera's place."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.base import Shot
from hardware.pictures import Points
from provisioning.doctor import camera
from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject
from terminal.config import PresenceSection, ScreenSettings, Settings
from tests.servers import free_port


def hall(seed: int = 0, *, brightness: float = 1.0, blur: float = 0.0) -> Points:
    """Things with edges on a wall, and the noise of a sensor."""
    draw = np.random.default_rng(7)
    picture = np.full((480, 640, 3), 130.0)
    for _ in range(40):
        x, y, width, height = (int(each) for each in draw.integers(20, 160, 4))
        corner = (x * 4, y * 3)
        level = float(draw.integers(30, 230))
        cv2.rectangle(picture, corner, (x * 4 + width, y * 3 + height), (level,) * 3, -1)
    if blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur))
    noise = np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    return np.clip(picture * brightness + noise, 0, 255).astype(np.uint8)


def verdicts(pictures: list[Points], rate_hz: float = 15.0) -> dict[str, str]:
    seen = camera.measured(Shot(each, n / rate_hz) for n, each in enumerate(pictures))
    assert seen is not None
    return {row.id.partition(".")[2]: row.verdict for row in camera.judge(seen)}


def test_a_good_picture() -> None:
    pictures = [hall(n) for n in range(6)]
    assert verdicts(pictures) == {"rate": "ok", "light": "ok", "focus": "ok"}
    assert verdicts(pictures, rate_hz=3.0)["rate"] == "warn"
    assert verdicts(pictures[:1])["rate"] == "note"


@pytest.mark.parametrize("blur", [4.0, 8.0])
def test_a_lens_out_of_focus(blur: float) -> None:
    assert verdicts([hall(n, blur=blur) for n in range(3)])["focus"] == "warn"


@pytest.mark.parametrize(
    ("brightness", "light"), [(0.02, "fail"), (0.3, "warn"), (0.6, "ok"), (2.2, "warn")]
)
def test_light(brightness: float, light: str) -> None:
    assert verdicts([hall(n, brightness=brightness) for n in range(3)])["light"] == light


def test_a_frozen_picture_fails_but_a_covered_lens_may_repeat() -> None:
    assert verdicts([hall()] * 6)["rate"] == "fail"
    black = np.zeros((48, 64, 3), np.uint8)
    assert verdicts([black] * 6) == {"rate": "ok", "light": "fail"}


def rows(source: str) -> list[Row]:
    settings = Settings(
        presence=PresenceSection(camera=source), screen=ScreenSettings(port=free_port())
    )
    return list(camera.look(Subject(settings, now=0.0)))


def test_a_video_in_the_cameras_place(tmp_path: Path) -> None:
    file = tmp_path / "hall.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (640, 480))
    for n in range(15):
        writer.write(hall(n))
    writer.release()
    found = {row.id: row for row in rows(str(file))}
    assert {row.verdict for row in found.values()} == {"ok"}
    assert found["camera.rate"].figures["rate_hz"] == 5.0
    assert sorted(tmp_path.iterdir()) == [file]


def test_what_gives_no_picture(tmp_path: Path) -> None:
    (off,) = rows("off")
    assert off.verdict == "note"
    (missing,) = rows("/dev/video99")
    assert (missing.verdict, missing.found) == ("fail", "没有找到 /dev/video99")
    (no_camera,) = rows("/dev/null")
    assert (no_camera.verdict, no_camera.found) == ("fail", "/dev/null 没有画面")
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"no video")
    assert [row.verdict for row in rows(str(broken))] == ["fail"]


def test_the_running_kiosk_speaks_for_the_camera_that_it_holds() -> None:
    assert camera.held({"camera": {"state": "on", "source": "/dev/video0"}}).verdict == "note"
    assert camera.held({"camera": {"state": "lost"}}).verdict == "fail"
    assert camera.held(None).verdict == "note"
