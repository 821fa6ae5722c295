"""A device that is unplugged, hangs and comes back; files in a camera's place."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

import hardware
from fleet.errors import KioskError
from hardware.base import CameraState, Shot
from hardware.camera import (
    CHOICE,
    FROZEN_S,
    LONGEST_WAIT_S,
    DeviceCamera,
    FileCamera,
    V4l2Device,
    device_path,
    is_device,
)
from hardware.pictures import Points
from terminal.virtual_time import InlineExecutor, run

RATE = 30


class FakeDevice:
    """Gives so many pictures, 30 a second of the loop's time, then none."""

    def __init__(self, clock: Clock, lasts: int, *, frozen: bool = False, level: int = 90) -> None:
        self.closed = False
        self._clock = clock
        self._left = lasts
        self._frozen = frozen
        self._level = level

    def read(self) -> Points | None:
        if not self.skip():
            return None
        picture = np.full((48, 64, 3), self._level, np.uint8)
        if not self._frozen:
            picture[0, 0] = self._left % 200
        return picture

    def skip(self) -> bool:
        self._left -= 1
        self._clock.now += 1 / RATE
        return self._left >= 0

    def close(self) -> None:
        self.closed = True


class Clock:
    """Time that devices use up; waiting for them takes none of the loop's."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A camera whose device is another each time it is opened."""

    def __init__(self, *lasts: int, frozen: bool = False, level: int = 90) -> None:
        self.clock = Clock()
        self.states: list[CameraState] = []
        self.opened: list[float] = []
        self.devices: list[FakeDevice] = []
        self._lasts: Iterator[int] = iter(lasts)
        self._kind = {"frozen": frozen, "level": level}
        self.camera = DeviceCamera(
            "/dev/video0",
            InlineExecutor(),
            self.states.append,
            open_device=self._open,
            clock=self.clock,
        )

    def _open(self, path: str) -> FakeDevice:
        assert path == "/dev/video0"
        self.opened.append(asyncio.get_running_loop().time())
        device = FakeDevice(self.clock, next(self._lasts, 0), **self._kind)  # type: ignore[arg-type]
        self.devices.append(device)
        return device

    def watch(self, seconds: float) -> list[Shot]:
        """Read it for so long of the loop's time, which only waiting uses up."""
        shots: list[Shot] = []

        async def main() -> None:
            async with asyncio.timeout(seconds):
                async for shot in self.camera.shots():
                    shots.append(shot)
                    await asyncio.sleep(0)

        with pytest.raises(TimeoutError):
            run(main())
        return shots


def test_a_device_gives_five_pictures_a_second_whatever_its_own_rate() -> None:
    bench = Bench(RATE * 10)
    shots = bench.watch(0.1)
    assert len(shots) == pytest.approx(50, abs=2)
    assert shots[-1].at == pytest.approx(10, abs=0.4)
    assert bench.states[0] == "on"


def test_an_unplugged_device_is_reported_and_comes_back() -> None:
    bench = Bench(RATE * 2, 0, 0, RATE * 2)
    shots = bench.watch(4)
    assert bench.states[:3] == ["on", "lost", "on"]
    assert len(shots) == pytest.approx(20, abs=2)
    assert all(device.closed for device in bench.devices[:3])
    assert [shot.at for shot in shots] == sorted(shot.at for shot in shots)


def test_a_device_that_is_not_there_is_tried_ever_more_rarely() -> None:
    bench = Bench()
    assert bench.watch(60) == []
    assert bench.states == ["missing"]
    waits = np.diff(bench.opened)
    assert list(waits[:4]) == pytest.approx([0.5, 1, 2, 4])
    assert waits[-1] == LONGEST_WAIT_S
    assert all(device.closed for device in bench.devices)


def test_a_device_that_repeats_one_picture_is_lost() -> None:
    bench = Bench(RATE * 60, RATE * 60, frozen=True)
    shots = bench.watch(0.4)
    assert bench.states == ["on", "lost"]
    assert shots[-1].at == pytest.approx(FROZEN_S, abs=0.5)


def test_a_covered_lens_is_not() -> None:
    bench = Bench(RATE * 10, frozen=True, level=0)
    assert bench.watch(0.1)[-1].at > FROZEN_S * 2


def test_a_real_device_file_without_a_camera_is_a_lost_one(tmp_path: Path) -> None:
    for path in ("/dev/video99", "/dev/null", str(tmp_path / "nothing")):
        device = V4l2Device(path)
        assert device.read() is None
        assert not device.skip()
        device.close()


# Which device


def test_the_camera_that_the_udev_rule_names_goes_before_the_first(tmp_path: Path) -> None:
    named, first, second = (tmp_path / name for name in ("kiosk-camera", "video0", "video2"))
    choice = (str(named), str(first))
    assert device_path("default", choice) == str(first)
    first.touch()
    assert device_path("default", choice) == str(first)
    second.touch()
    named.symlink_to(second)
    assert device_path("default", choice) == str(second)
    second.unlink()  # Unplugged: the link leads nowhere until udev takes it away.
    assert device_path("default", choice) == str(first)
    assert device_path(str(second), choice) == str(second)


def test_the_rule_makes_what_is_looked_for() -> None:
    rules = (Path(hardware.__file__).parent / "udev/70-lobby-kiosk.rules").read_text("utf-8")
    assert f'SYMLINK+="{CHOICE[0].removeprefix("/dev/")}"' in rules


def test_a_default_camera_is_looked_for_at_each_opening(tmp_path: Path) -> None:
    named, first = tmp_path / "kiosk-camera", tmp_path / "video0"
    opened: list[str] = []

    def open_device(path: str) -> FakeDevice:
        opened.append(path)
        named.touch()
        return FakeDevice(clock, 0)

    clock = Clock()
    camera = DeviceCamera(
        "default",
        InlineExecutor(),
        lambda _: None,
        open_device=open_device,
        find=partial(device_path, choice=(str(named), str(first))),
        clock=clock,
    )

    async def main() -> None:
        async with asyncio.timeout(1):
            async for _ in camera.shots():
                pass

    with pytest.raises(TimeoutError):
        run(main())
    assert opened == [str(first), str(named)]


# Files


def video(file: Path, seconds: int, rate: float = 10.0) -> Path:
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), rate, (64, 48))
    for index in range(int(seconds * rate)):
        writer.write(np.full((48, 64, 3), index % 250, np.uint8))
    writer.release()
    return file


def played(source: Path) -> tuple[list[Shot], list[CameraState], float]:
    states: list[CameraState] = []

    async def main() -> tuple[list[Shot], float]:
        camera = FileCamera(source, InlineExecutor(), states.append)
        shots = [shot async for shot in camera.shots()]
        return shots, asyncio.get_running_loop().time()

    shots, took_s = run(main())
    return shots, states, took_s


def test_a_video_plays_once_at_its_own_pace(tmp_path: Path) -> None:
    shots, states, took_s = played(video(tmp_path / "walk.avi", 4))
    assert len(shots) == 20
    assert took_s == pytest.approx(3.8)
    assert states == ["on", "off"]


def test_a_broken_file_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "empty.avi"
    file.touch()
    with pytest.raises(KioskError, match="not a readable video or picture"):
        played(file)


def test_a_plain_file_in_dev_is_no_camera_but_one_that_is_away_is() -> None:
    assert is_device("/dev/null")
    assert is_device("/dev/video99")
    assert not is_device("hall.avi")
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
        assert not is_device(file.name)
        os.mkfifo(f"{file.name}.pipe")
        assert not is_device(f"{file.name}.pipe")
        Path(f"{file.name}.pipe").unlink()
