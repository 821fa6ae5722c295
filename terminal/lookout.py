"""The camera's shell: pictures from where the settings say, presence events into the inbox.

All of it works on one thread of its own, so that neither a slow device nor the detector delays
the ears. No picture is logged, queued or kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import KioskError
from hardware.base import Camera, CameraState, Shot
from hardware.pir import Pir, open_pir
from models import engines as choose
from terminal.config import PresenceSection
from terminal.events import CameraChanged, Event
from terminal.motion import Motion, MotionSettings
from terminal.presence import Presence, PresenceSettings, width_at
from terminal.worker import Worker

if TYPE_CHECKING:
    from terminal.watching import Watching

log = logging.getLogger(__name__)


class Lookout:
    """Looks at a camera's pictures until there are no more."""

    def __init__(self, camera: Camera, watching: Watching, executor: Executor) -> None:
        self.failed = 0
        """Pictures on which looking broke."""
        self.spared = False
        """Look at every second picture only: the machine is hot."""
        self._skip = False
        self._camera = camera
        self._watching = watching
        self._executor = executor

    @property
    def busy_s(self) -> float:
        """How long its thread has been at one picture, or at waiting for one."""
        return self._executor.busy_s if isinstance(self._executor, Worker) else 0.0

    async def run(self) -> None:
        """Until cancelled, or the camera's file is over; a broken file ends it with a line."""
        try:
            async for shot in self._camera.shots():
                self._skip = self.spared and not self._skip
                if self._skip:
                    continue
                await self._look(shot)
        except KioskError as error:
            log.warning("no camera any more: %s", error.message)
        finally:
            self._watching.forget()
            self._executor.shutdown(wait=False, cancel_futures=True)

    def end(self) -> None:
        """Wait for the thread's last picture, though not for a device that hangs.

        OpenCV aborts the process if Python ends while one of its calls is going on.
        """
        self._executor.shutdown(wait=True)

    async def _look(self, shot: Shot) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, self._watching.look, shot)
        except Exception:  # One bad picture must not end the watch; what broke is told once.
            self.failed += 1
            if self.failed == 1:
                log.exception("looking at a picture failed (further ones are counted)")


class MotionLookout:
    """Watches a motion sensor, where there is no camera."""

    def __init__(self, pir: Pir, motion: Motion, post: Callable[[Event], None]) -> None:
        self._pir = pir
        self._motion = motion
        self._post = post

    async def run(self) -> None:
        """Until cancelled; a sensor that breaks or is taken away ends it with a line."""
        clock = asyncio.get_running_loop().time
        try:
            async for moves in self._pir.levels():
                event = self._motion.see(moves, clock())
                if event is not None:
                    self._post(event)
        except KioskError as error:
            log.warning("no motion sensor any more: %s", error.message)
        else:
            log.warning("no motion sensor any more: its source is over")


def open_lookout(
    section: PresenceSection, tab: Camera, post: Callable[[Event], None]
) -> Lookout | MotionLookout | None:
    """The lookout that [presence] asks for, its model loaded; None for `off` and `off`.

    tab: the camera of the page. post: takes events from any thread. Raises KioskError.
    """
    if section.camera == "off" and section.pir == "off":
        return None
    if section.camera == "off":
        return MotionLookout(open_pir(section.pir), Motion(motion_settings(section)), post)
    from terminal.watching import Watching  # OpenCV: 50 MB that a kiosk without a camera saves.

    presence = Presence(presence_settings(section))
    watching = Watching(choose.face_detector("face"), presence, post)
    executor = Worker("seeing")
    return Lookout(_camera(section.camera, tab, executor, post), watching, executor)


def presence_settings(section: PresenceSection) -> PresenceSettings:
    """From the [presence] section."""
    return PresenceSettings(
        near=width_at(section.near_m, section.view_deg),
        dwell_s=section.dwell_s,
        left_s=section.left_s,
        cool_down_s=section.cool_down_s,
    )


def motion_settings(section: PresenceSection) -> MotionSettings:
    """From the [presence] section."""
    return MotionSettings(section.dwell_s, section.pir_left_s, section.cool_down_s)


def _camera(name: str, tab: Camera, executor: Executor, post: Callable[[Event], None]) -> Camera:
    """The camera called `name` in the settings. A device may be missing; a file may not."""
    if name == "browser":
        return tab
    from hardware.camera import DeviceCamera, FileCamera, is_device

    def tell(state: CameraState) -> None:
        log.log(logging.INFO if state == "on" else logging.WARNING, "camera %s: %s", name, state)
        post(CameraChanged(state))

    if is_device(name):
        return DeviceCamera(name, executor, tell)
    if not Path(name).exists():
        raise KioskError(
            "input",
            f"presence.camera: {name!r} is no file and no device; "
            "give off, browser, default, /dev/video0 or a video's path",
        )
    return FileCamera(Path(name), executor, tell)
