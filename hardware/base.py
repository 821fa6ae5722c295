"""What a microphone, a speaker and a camera must do, whatever they are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FRAME_RATE_HZ = 16_000
FRAME_SAMPLES = 512
FRAME_S = FRAME_SAMPLES / FRAME_RATE_HZ


@dataclass(frozen=True, slots=True)
class Frame:
    """32 ms of sound."""

    pcm: NDArray[np.int16]
    """[512], 16 kHz, mono."""
    at: float
    """Seconds since the microphone opened, at the end of the frame."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of speech to play."""

    pcm: NDArray[np.int16]
    """[n], mono."""
    rate_hz: int
    text: str = ""
    """The words, for who must tell their echo."""

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.pcm) / self.rate_hz


PICTURES_PER_S = 5.0
"""What presence needs; a camera gives no more."""

CameraState = Literal["on", "off", "denied", "missing", "lost"]


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera's picture. It lives in memory until it has been looked at, and nowhere else."""

    picture: NDArray[np.uint8] = field(repr=False)
    """[height, width, 3], blue before green before red."""
    at: float
    """Seconds since the camera opened; goes on over a loss of it."""


class Camera(Protocol):
    """A source of pictures, five a second."""

    def shots(self) -> AsyncIterator[Shot]:
        """Pictures in order, the newest when the reader is slow; ends with a file, or closed."""
        ...


class Microphone(Protocol):
    """A source of frames."""

    def frames(self) -> AsyncIterator[Frame]:
        """Frames in order; ends when the source is over (a file) or closed."""
        ...


class Speaker(Protocol):
    """A sink of speech. One answer at a time, in pieces, each named by its turn."""

    async def play(self, turn: int, sound: Sound) -> None:
        """Queue a piece of this turn's answer; returns when it is queued, not when it is over."""
        ...

    async def finish(self, turn: int) -> None:
        """Return when everything queued for this turn has been heard, or was cancelled."""
        ...

    async def pause(self) -> None:
        """Be silent at once (within 50 ms) and keep what is queued; `finish` goes on waiting."""
        ...

    async def resume(self) -> None:
        """Go on where `pause` stopped; nothing if it did not."""
        ...

    async def cancel(self) -> None:
        """Be silent at once (within 50 ms) and drop what is queued, paused or not."""
        ...
