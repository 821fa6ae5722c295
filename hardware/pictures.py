"""Pictures from files, videos and a browser's JPEG frames: decoded in memory, nothing written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleet.errors import KioskError
from hardware.base import PICTURES_PER_S, Shot
from hardware.opencv import MOST_POINTS, cv2

IMAGES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"))
"""Endings of files that hold one picture."""
LONGEST_SIDE = 1280
"""Larger pictures are made smaller: a face near a kiosk is large in any."""
USUAL_RATE = 25.0
"""Pictures a second of a video that does not say, or says nonsense."""

Points = NDArray[np.uint8]
"""[height, width, 3], blue before green before red."""


def is_image(file: Path) -> bool:
    """Whether `file` holds one picture, by its ending."""
    return file.suffix.lower() in IMAGES


def read_picture(file: Path) -> Points:
    """The picture in a file, in colour, whatever it is in there. Raises KioskError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror})") from error
    picture = decoded(data)
    if picture is None:
        limit = MOST_POINTS // 1_000_000
        raise KioskError(
            "input", f"{file}: not a readable picture; give a PNG or JPEG of at most {limit} MP"
        )
    return limited(picture)


def decoded(data: bytes) -> Points | None:
    """A PNG, JPEG or the like, in colour; None if it is none, broken, or of too many points."""
    if not data:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def limited(picture: Points) -> Points:
    """The same, made smaller if a side is longer than `LONGEST_SIDE`."""
    height, width = picture.shape[:2]
    scale = LONGEST_SIDE / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def shots_of(source: Path) -> Iterator[Shot]:
    """The pictures of a file or folder of pictures, or of a video, five a second of its time.

    Raises KioskError when there is nothing to be seen in it.
    """
    if source.is_dir():
        yield from _shots_of_folder(source)
    elif not source.exists():
        raise KioskError("input", f"{source}: no such file")
    elif is_image(source):
        yield Shot(read_picture(source), 0.0)
    else:
        yield from _shots_of_video(source)


def _shots_of_folder(folder: Path) -> Iterator[Shot]:
    files = sorted(file for file in folder.iterdir() if is_image(file))
    if not files:
        raise KioskError("input", f"{folder}: no pictures in this folder")
    for index, file in enumerate(files):
        yield Shot(read_picture(file), index / PICTURES_PER_S)


def _shots_of_video(file: Path) -> Iterator[Shot]:
    video = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
    try:
        rate = video.get(cv2.CAP_PROP_FPS)
        if not (math.isfinite(rate) and 0 < rate <= 1000):
            rate = USUAL_RATE
        taken = index = 0
        while video.grab():
            if index / rate >= taken / PICTURES_PER_S:
                ok, picture = video.retrieve()
                if ok:
                    yield Shot(limited(np.asarray(picture, np.uint8)), taken / PICTURES_PER_S)
                    taken += 1
            index += 1
    finally:
        video.release()
    if not taken:
        raise KioskError("input", f"{file}: not a readable video or picture, or nothing in it")
