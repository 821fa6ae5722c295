"""Cameras: a V4L2 device that may be unplugged at any time, and files in its place."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from hardware.base import PICTURES_PER_S, CameraState, Shot
from hardware.opencv import cv2
from hardware.pictures import Points, limited, shots_of

WIDTH, HEIGHT = 640, 480
"""Asked of a device: every one has it, and a face at two metres is still 30 points wide."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""Between tries to open a device; doubled each time."""
FROZEN_S = 3.0
"""The same picture to the last point for so long: the driver hangs, for sensors never do that."""
DEFAULT = "default"
CHOICE = ("/dev/kiosk-camera", "/dev/video0")
"""What `default` means, the first that is there: the udev rule (hardware/udev) names a USB camera,
whatever number it has got; without the rule, or the camera, it is the kernel's first."""
BLACK = 2
"""Mean grey level up to which a picture may well repeat: a covered lens."""

Result = TypeVar("Result")
OnState = Callable[[CameraState], None]


def is_device(name: str) -> bool:
    """Whether a camera of the settings is one of this machine, and no file."""
    path = Path(name)
    # /dev/shm holds plain files and pipes; a device that is not there now is still one.
    return name == DEFAULT or (
        name.startswith("/dev/") and (path.is_char_device() or not path.exists())
    )


def device_path(name: str, choice: Sequence[str] = CHOICE) -> str:
    """The device itself, without links; of `default`, the one that is there now."""
    if name == DEFAULT:
        name = next(filter(os.path.exists, choice), choice[-1])
    return os.path.realpath(name)


class Device(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def read(self) -> Points | None:
        """The next picture, when it is there; None if there will be none."""
        ...

    def skip(self) -> bool:
        """Wait for the next picture and drop it; False if there will be none."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class V4l2Device:
    """A video device of the kernel's."""

    def __init__(self, path: str) -> None:
        self._video = cv2.VideoCapture(path, cv2.CAP_V4L2)
        for wish, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, WIDTH),
            (cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._video.set(wish, value)

    def read(self) -> Points | None:
        """The next picture, when it is there; None if there will be none."""
        try:
            ok, picture = self._video.read()
        except cv2.error:
            return None
        return limited(np.asarray(picture, np.uint8)) if ok else None

    def skip(self) -> bool:
        """Wait for the next picture and drop it undecoded; False if there will be none."""
        return self._video.grab()

    def close(self) -> None:
        """Give the device back."""
        self._video.release()


class Lost(Exception):
    """No picture came, or always the same one."""


class DeviceCamera:
    """A device, opened again and again when it is lost: 0.5 s after that, then ever later."""

    def __init__(
        self,
        path: str,
        executor: Executor,
        on_state: OnState,
        *,
        open_device: Callable[[str], Device] = V4l2Device,
        find: Callable[[str], str] = device_path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`path`: or `default`, looked for at each opening.

        `executor` waits for the device: give it the thread that looks at the pictures.
        """
        self._path = path
        self._executor = executor
        self._on_state = on_state
        self._open = open_device
        self._find = find
        self._clock = clock
        self._state: CameraState | None = None

    async def shots(self) -> AsyncIterator[Shot]:
        """Pictures, five a second, until the reader stops."""
        began = self._clock()
        wait_s = FIRST_WAIT_S
        while True:
            path = self._find(self._path)
            feed = _Feed(await self._wait_for(partial(self._open, path)), self._clock)
            try:
                while True:
                    picture = await self._wait_for(feed.next)
                    wait_s = FIRST_WAIT_S
                    self._tell("on")
                    yield Shot(picture, self._clock() - began)
            except Lost:
                self._tell("missing" if self._state in (None, "missing") else "lost")
            finally:
                feed.close()
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def _wait_for(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _tell(self, state: CameraState) -> None:
        if state != self._state:
            self._state = state
            self._on_state(state)


class _Feed:
    """One opening of a device."""

    def __init__(self, device: Device, clock: Callable[[], float]) -> None:
        self._device = device
        self._clock = clock
        self._due = clock()
        self._print: int | None = None
        """Of the last picture, to tell whether the next is the very same."""
        self._changed_at = clock()
        self._lock = threading.Lock()
        self._reading = self._closed = False

    def next(self) -> Points:
        """Wait for the picture that is due; those before it are dropped. Raises Lost."""
        with self._lock:
            self._reading = True
        try:
            return self._next()
        finally:
            with self._lock:
                self._reading, closed = False, self._closed
            if closed:
                self._device.close()

    def _next(self) -> Points:
        while self._clock() < self._due:
            if not self._device.skip():
                raise Lost
        picture = self._device.read()
        if picture is None or not picture.size:
            raise Lost
        self._due = max(self._due + 1 / PICTURES_PER_S, self._clock())
        self._check(picture)
        return picture

    def _check(self, picture: Points) -> None:
        now = self._clock()
        same = hash(picture.tobytes())
        if same != self._print or picture.mean() <= BLACK:
            self._print, self._changed_at = same, now
        elif now - self._changed_at >= FROZEN_S:
            raise Lost

    def close(self) -> None:
        """Give the device back: now, or once the read that may hang in it comes back."""
        with self._lock:
            self._closed = True
            if self._reading:
                return
        self._device.close()


class FileCamera:
    """A video, a picture, or a folder of pictures, once and at its own pace."""

    def __init__(self, source: Path, executor: Executor, on_state: OnState) -> None:
        self._source = source
        self._executor = executor
        self._on_state = on_state

    async def shots(self) -> AsyncIterator[Shot]:
        """Pictures, five a second, until there are no more. Raises KioskError."""
        loop = asyncio.get_running_loop()
        pictures: Iterator[Shot] = shots_of(self._source)
        began = loop.time()
        self._on_state("on")
        while shot := await loop.run_in_executor(self._executor, next, pictures, None):
            await asyncio.sleep(max(0.0, began + shot.at - loop.time()))
            yield shot
        self._on_state("off")
