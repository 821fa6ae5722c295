"""The standard set of `kiosk bench presence`: pictures and a video that any machine can install."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from hardware.opencv import cv2
from hardware.pictures import read_picture
from models.base import FaceDetector, Picture
from terminal.bench.scenes import Head

VIDEO = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
"""People walking at a distance, seen from above."""
GET_VIDEO = "apt-get install opencv-doc"
GET_PICTURES = "pip install scikit-image (or apt-get install python3-skimage-lib)"
DEBIAN_PICTURES = Path("/usr/lib/python3/dist-packages/skimage/data")
FACE = "astronaut.png"
NOBODY = (
    "brick.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
    "rocket.jpg",
)
"""No people, or one turned away (camera.png); chelsea is a cat."""
HALL = "motorcycle_left.png"
"""A cluttered room."""


@dataclass(frozen=True, slots=True)
class StandardSet:
    """What of it is on this machine."""

    video: Path | None
    pictures: Path | None
    """The folder of scikit-image's pictures."""

    @property
    def lacking(self) -> list[str]:
        """How to get what is not here."""
        wants = [] if self.video else [GET_VIDEO]
        return wants if self.pictures else [*wants, GET_PICTURES]

    def files(self) -> list[tuple[Path, int]]:
        """Each file, and how many greetings it must get."""
        found = [] if self.video is None else [(self.video, 0)]
        if self.pictures is not None:
            found.append((self.pictures / FACE, 1))
            found += [(self.pictures / name, 0) for name in NOBODY]
        return [(file, greetings) for file, greetings in found if file.exists()]


def find() -> StandardSet:
    """Look for it. Raises KioskError when nothing of it is here."""
    found = StandardSet(VIDEO if VIDEO.exists() else None, _pictures())
    if found.video is None and found.pictures is None:
        raise KioskError(
            "missing", f"the standard set is not here; run: {GET_VIDEO}; {GET_PICTURES}"
        )
    return found


def _pictures() -> Path | None:
    spec = importlib.util.find_spec("skimage")
    own = Path(spec.origin).parent / "data" if spec and spec.origin else DEBIAN_PICTURES
    return next((each for each in (own, DEBIAN_PICTURES) if (each / FACE).exists()), None)


def actors_of(pictures: Path, detector: FaceDetector) -> tuple[Head, Picture]:
    """The head that the scenes are painted with, and the hall. Raises KioskError."""
    photo = read_picture(pictures / FACE)
    found = detector.faces(photo)
    if not found:
        raise KioskError("internal", f"no face found in {pictures / FACE}: is the model whole?")
    height, width = photo.shape[:2]
    x, y = found[0].centre[0] * width, found[0].centre[1] * height
    half = int(min(1.1 * found[0].width * width, x, y, width - x, height - y))
    square = photo[int(y) - half : int(y) + half, int(x) - half : int(x) + half]
    return Head(np.ascontiguousarray(square), found[0].width * width), hall_of(pictures)


def hall_of(pictures: Path) -> Picture:
    """A room with nobody in it."""
    return np.asarray(cv2.GaussianBlur(read_picture(pictures / HALL), (0, 0), 1), np.uint8)
