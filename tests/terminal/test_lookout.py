"""The camera's shell: pictures to the watch, events to the inbox, and not a byte anywhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage

from fleet.errors import KioskError
from hardware.base import Shot
from hardware.browser_camera import BrowserCamera
from models.base import Face, Picture
from terminal.config import PresenceSection
from terminal.events import CameraChanged, Event, PersonArrived, PersonLeft
from terminal.lookout import Lookout, MotionLookout, open_lookout, presence_settings
from terminal.presence import Presence
from terminal.stages import Watch
from terminal.virtual_time import run
from terminal.watching import Watching
from terminal.worker import Worker
from tests.terminal.onlookers import face

ROOT = Path(__file__).parents[2]
PICTURES = Path(skimage.__file__).parent / "data"


class Tape:
    """A camera that gives these pictures."""

    def __init__(self, *pictures: Picture, error: Exception | None = None) -> None:
        self._pictures = pictures
        self._error = error

    async def shots(self) -> AsyncIterator[Shot]:
        for index, picture in enumerate(self._pictures):
            yield Shot(picture, index / 5)
        if self._error:
            raise self._error


class Detector:
    """Sees one face; breaks at the pictures it is told to."""

    def __init__(self, *breaks_at: int) -> None:
        self._breaks_at = breaks_at
        self._count = 0

    def faces(self, picture: Picture) -> list[Face]:
        self._count += 1
        if self._count in self._breaks_at:
            raise RuntimeError("no memory")
        return [face(0.5, 0.2)]


def lively(count: int) -> list[Picture]:
    draw = np.random.default_rng(1)
    hall = np.full((240, 320, 3), 90, np.uint8)
    pictures = []
    for _ in range(count):
        picture = hall.copy()
        picture[40:150, 120:200] = draw.integers(0, 250, (110, 80, 3))
        pictures.append(picture)
    return pictures


def looked(camera: Tape, detector: Detector) -> tuple[Lookout, list[Event]]:
    events: list[Event] = []
    presence = Presence(presence_settings(PresenceSection()))
    watching = Watching(detector, presence, events.append)
    lookout = Lookout(camera, watching, ThreadPoolExecutor(1))
    asyncio.run(lookout.run())
    return lookout, events


def test_who_is_seen_is_reported() -> None:
    _, events = looked(Tape(*lively(15)), Detector())
    assert events == [PersonArrived()]


def test_a_picture_that_breaks_the_detector_does_not_end_the_watch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lookout, events = looked(Tape(*lively(30)), Detector(2, 3, 9))
    assert lookout.failed == 3
    assert events == [PersonArrived()]
    assert len(caplog.records) == 1


def test_a_broken_camera_file_leaves_a_kiosk_without_a_camera(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looked(Tape(error=KioskError("input", "walk.avi: not a readable video")), Detector())
    assert [record.getMessage() for record in caplog.records] == [
        "no camera any more: walk.avi: not a readable video"
    ]


def test_the_end_waits_for_the_picture_in_hand() -> None:
    """OpenCV aborts the process if Python ends while one of its calls is going on."""
    begun, over = threading.Event(), threading.Event()
    worker = Worker("seeing")

    def read() -> None:
        begun.set()
        time.sleep(0.3)
        over.set()

    class Device:
        async def shots(self) -> AsyncIterator[Shot]:
            await asyncio.get_running_loop().run_in_executor(worker, read)
            yield Shot(lively(1)[0], 0.0)

    async def main() -> None:
        presence = Presence(presence_settings(PresenceSection()))
        watching = Watching(Detector(), presence, lambda _: None)
        watch = Watch(Lookout(Device(), watching, worker), lambda: None)
        looking = asyncio.create_task(watch.run())
        await asyncio.to_thread(begun.wait)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking

    asyncio.run(main())
    assert over.is_set()


# What the settings choose


def test_no_camera_needs_no_model() -> None:
    assert open_lookout(PresenceSection(), BrowserCamera(), print) is None


def test_distances_become_widths() -> None:
    near, far = (presence_settings(PresenceSection(near_m=each)).near for each in (1.0, 2.0))
    assert near == pytest.approx(2 * far)


@pytest.mark.models
@pytest.mark.parametrize("name", ["nowhere.avi", "0"])
def test_a_camera_that_is_nothing_is_told_with_the_choices(name: str) -> None:
    with pytest.raises(KioskError, match="off, browser, default, /dev/video0") as refused:
        open_lookout(PresenceSection(camera=name), BrowserCamera(), print)
    assert refused.value.code == "input"


@pytest.mark.models
def test_a_device_that_is_not_there_is_reported_and_the_kiosk_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events: list[Event] = []

    async def main() -> None:
        lookout = open_lookout(
            PresenceSection(camera="/dev/video99"), BrowserCamera(), events.append
        )
        assert lookout is not None
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await lookout.run()

    with caplog.at_level(logging.WARNING, "terminal.lookout"):
        asyncio.run(main())
    assert events == [CameraChanged("missing")]
    assert [record.getMessage() for record in caplog.records] == ["camera /dev/video99: missing"]


# Pictures stay in memory

WATCH = """
import logging, os, sys
logging.basicConfig(level=logging.DEBUG)
opened = []
def audit(event, arguments):
    if event == "open" and isinstance(arguments[2], int):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            opened.append(arguments[0])
    if event in ("socket.connect", "socket.sendto", "subprocess.Popen", "os.rename"):
        opened.append(event)

import asyncio
from pathlib import Path
from hardware.browser_camera import BrowserCamera
from terminal.config import PresenceSection
from terminal.lookout import open_lookout
from terminal.events import PersonArrived

sys.addaudithook(audit)
events = []
tab = BrowserCamera()

async def browser():
    lookout = open_lookout(PresenceSection(camera="browser"), tab, events.append)
    looking = asyncio.create_task(lookout.run())
    for file in sorted(Path(sys.argv[1]).iterdir()):
        tab.feed(file.read_bytes())
        await asyncio.sleep(0.2)
    tab.close()
    await looking

async def folder():
    lookout = open_lookout(PresenceSection(camera=sys.argv[1]), tab, events.append)
    await lookout.run()

asyncio.run(browser())
asyncio.run(folder())
print(events)
print("written:", [name for name in opened if name != os.devnull])
"""


@pytest.mark.models
def test_no_picture_is_written_sent_or_logged(tmp_path: Path, models_folder: Path) -> None:
    seen, home = tmp_path / "seen", tmp_path / "home"
    seen.mkdir()
    home.mkdir()
    astronaut = np.asarray(cv2.imread(str(PICTURES / "astronaut.png")), np.uint8)
    for index in range(25):
        shifted = np.roll(astronaut, index * 3 % 8, axis=1)
        cv2.imwrite(str(seen / f"{index:02}.jpg"), shifted)
    places = [tmp_path, Path("/dev/shm"), Path("/var/tmp")]
    before = [set(listed(place)) for place in places]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "HOME": str(home),
        "TMPDIR": str(home),
        "KIOSK_MODELS": str(models_folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(seen)],
        env=environment,
        cwd=home,
        capture_output=True,
        check=True,
        timeout=120,
    )
    # It did see somebody, by both ways, and yet:
    out = done.stdout.decode()
    assert out.count("PersonArrived") == 2
    assert "written: []" in out
    assert [set(listed(place)) for place in places] == before
    assert len(done.stderr) < 2000
    assert b"array(" not in done.stderr
    assert b"\xff\xd8" not in done.stderr


TESTS_OWN = ("installed-", "pytest-of-", "kiosk-chaos-", "kiosk-postgres-", "tmp")
"""What tests that run at the same time have in memory; the kiosk's own TMPDIR is elsewhere."""


def listed(place: Path) -> list[str]:
    found = place.rglob("*") if place.is_dir() else ()
    own = (path for path in found if not path.relative_to(place).parts[0].startswith(TESTS_OWN))
    return [str(path) for path in own]


def test_without_a_camera_a_motion_sensor_tells_who_came(tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text("1")
    events: list[Event] = []
    section = PresenceSection(camera="off", pir=str(file))
    lookout = open_lookout(section, BrowserCamera(), events.append)
    assert isinstance(lookout, MotionLookout)

    async def main() -> None:
        watching = asyncio.create_task(lookout.run())
        await asyncio.sleep(2)
        file.write_text("0")
        await asyncio.sleep(section.pir_left_s + 1)
        file.unlink()
        await watching

    run(main())
    assert events == [PersonArrived(), PersonLeft()]


def test_a_camera_goes_before_a_motion_sensor() -> None:
    assert open_lookout(PresenceSection(), BrowserCamera(), lambda _: None) is None
    with pytest.raises(KioskError, match=r"presence\.camera"):
        open_lookout(
            PresenceSection(camera="no/such.avi", pir="gpio:17"), BrowserCamera(), lambda _: None
        )


def test_a_spared_lookout_looks_at_every_second_picture() -> None:
    pictures = [np.zeros((48, 64, 3), np.uint8)] * 6

    async def main(spared: bool) -> int:
        presence = Presence(presence_settings(PresenceSection()))
        watching = Watching(Detector(), presence, lambda _event: None)
        lookout = Lookout(Tape(*pictures), watching, ThreadPoolExecutor(1))
        lookout.spared = spared
        await lookout.run()
        return watching.counts["seen"]

    assert asyncio.run(main(False)) == 6
    assert asyncio.run(main(True)) == 3
