"""OpenCV as this project wants it: quiet, on one thread, with small limits.

Its limits come from the environment, once, when it is loaded: so it is loaded here only.
"""

from __future__ import annotations

import os

from fleet.errors import KioskError

MOST_POINTS = 64_000_000
"""Of one picture: beyond any camera's, and 200 MB of memory."""
DEVICE_TIMEOUT_S = 2
"""A device that gives no picture for so long is lost; OpenCV's own patience is 10 s."""

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_POINTS))
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(DEVICE_TIMEOUT_S))
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

try:
    import cv2
except ImportError as error:  # Its window part wants libraries that a bare server has not.
    raise KioskError(
        "missing", f"OpenCV cannot be loaded ({error}); run: apt-get install libgl1 libglib2.0-0"
    ) from error

cv2.setNumThreads(1)

__all__ = ["DEVICE_TIMEOUT_S", "MOST_POINTS", "cv2"]
