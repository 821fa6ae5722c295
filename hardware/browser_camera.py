"""The camera of a browser tab: small JPEG frames that come over some socket.

A frame waits in memory until it is looked at or a newer one comes; it is written nowhere.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

from hardware.base import Shot

MARK = b"VIEW"
"""Before a JPEG on the socket, where frames of sound come too."""
LONGEST_SIDE = 1280
"""Points; the page sends 320. A JPEG of 64 kB can claim, and then fill, gigabytes."""


class BrowserCamera:
    """The tab's camera. One reader at a time; it outlives tabs."""

    def __init__(self) -> None:
        self.received = 0
        """Frames taken."""
        self.dropped = 0
        """Frames that a newer one replaced before they were looked at."""
        self._newest: bytes | None = None
        self._changed = asyncio.Event()
        self._watched = False
        self._closed = False

    def feed(self, data: bytes) -> bool:
        """Take a JPEG; False if it is none, too large, or nobody here wants pictures."""
        size = jpeg_size(data)
        if not self._watched or size is None or not 0 < max(size) <= LONGEST_SIDE:
            return False
        self.received += 1
        self.dropped += self._newest is not None
        self._newest = data
        self._changed.set()
        return True

    def forget(self) -> None:
        """Throw away what waits: the tab is over."""
        self._newest = None

    def close(self) -> None:
        """End `shots`."""
        self._closed = True
        self._changed.set()

    async def shots(self) -> AsyncIterator[Shot]:
        """The newest picture each time, until `close`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._watched = True
        try:
            while not self._closed:
                await self._changed.wait()
                self._changed.clear()
                if shot := self._take(loop.time() - began):
                    yield shot
        finally:
            self._watched = False
            self.forget()

    def _take(self, at: float) -> Shot | None:
        from hardware.pictures import decoded  # OpenCV is not for kiosks without a camera.

        data, self._newest = self._newest, None
        picture = decoded(data) if data else None
        return None if picture is None else Shot(picture, at)


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that a JPEG's header claims, before anything is decoded; None if none."""
    at = 2
    if data[:2] != b"\xff\xd8":
        return None
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length
    return None
