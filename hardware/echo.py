"""Taking the kiosk's own voice out of what its microphone hears.

Browsers do that themselves (`echoCancellation`); this is for all other microphones, and for what
a browser leaves over. Two streams go in, microphone and loudspeaker.

Two cancellers, because each can what the other cannot (measured over ten rooms): Speex's linear
filter leaves a citizen who speaks into the answer as he is, and 10 to 25 dB of the echo away;
WebRTC's AEC3 takes 25 to 35 dB away, and with them the first syllables of the citizen. So the
first is listened to, and the second tells whether there is anything to listen to.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.base import FRAME_RATE_HZ, FRAME_S, FRAME_SAMPLES

BLOCK_SAMPLES = 160
"""10 ms: what both cancellers work in."""
TAIL_SAMPLES = round(0.3 * FRAME_RATE_HZ)
"""Of the room's echo and the loudspeaker's delay together; with 0.13 s it leaves twice as much."""
RINGS_SAMPLES = round(0.8 * FRAME_RATE_HZ)
"""A room rings so long behind the voice; then frames pass untouched, and cost nothing."""

LEARNS_SAMPLES = 2 * FRAME_RATE_HZ
"""Of the kiosk's voice, until a room is known; once in the life of a kiosk."""

Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One frame without the kiosk's own voice, int16 [512] each."""

    pcm: Pcm
    """To be listened to: the citizen is whole, of the echo something may be left."""
    rest: Pcm | None = None
    """Of the echo next to nothing is left, of the citizen some; zeros while the room is not known
    yet. None where the frame cannot be an echo: nothing plays, or it is louder than echoes are."""


class EchoCanceller(Protocol):
    """Keeps state: frames must come one after another."""

    def clean(self, heard: Pcm, played: Pcm) -> Cleaned:
        """Both int16 [512], 16 kHz: the microphone's frame and the loudspeaker's."""
        ...


class NoEchoCanceller:
    """For headphones, and for microphones that have a canceller of their own."""

    def clean(self, heard: Pcm, played: Pcm) -> Cleaned:
        """As it is."""
        return Cleaned(heard)


class EchoLevel:
    """How loud the microphone is while the loudspeaker plays. Pure; no clock.

    Behind a browser's own canceller, or with headphones, it is quiet: whatever is loud is no echo.
    """

    RISE_DB = 20.0 * FRAME_S
    """A second of echo makes it known; a citizen's first syllables do not pass for one."""
    FALL_DB = 3.0 * FRAME_S
    ABOVE_DB = 12.0
    """Loud syllables of an echo are so much above its mean."""

    def __init__(self) -> None:
        self._db: float | None = None

    def is_passed(self, heard: Pcm, *, sounds: bool) -> bool:
        """Whether this frame is louder than the echo ever was lately; learns from it if not."""
        power = float(np.mean(np.square(heard, dtype=np.float64))) / 32768.0**2
        level_db = 10 * math.log10(power + 1e-9)
        if self._db is None:
            self._db = level_db
        passed = level_db > self._db + self.ABOVE_DB
        if sounds:
            self._db += min(self.RISE_DB, max(-self.FALL_DB, level_db - self._db))
        return passed


class AdaptiveEchoCanceller:
    """Needs about two seconds of speech to know a room, and then remembers it.

    While something echoes its output is 10 ms late: blocks have 10 ms, and a frame 32.
    """

    def __init__(self) -> None:
        from pywebrtc_audio import EchoCanceller as Aec3

        self._linear = _Speex()
        self._strong = Aec3(sample_rate=FRAME_RATE_HZ)
        self._level = EchoLevel()
        self._silent = RINGS_SAMPLES
        self._learned = 0
        self._heard: Pcm = np.zeros(0, np.int16)
        self._played: Pcm = np.zeros(0, np.int16)
        self._pcm: Pcm = np.zeros(BLOCK_SAMPLES, np.int16)
        self._rest: Pcm = np.zeros(BLOCK_SAMPLES, np.int16)

    def clean(self, heard: Pcm, played: Pcm) -> Cleaned:
        """Whole blocks go through, the rest waits for the next frame."""
        sounds = bool(played.any())
        self._silent = 0 if sounds else self._silent + FRAME_SAMPLES
        self._learned += FRAME_SAMPLES if sounds else 0
        if self._silent > RINGS_SAMPLES:
            self._begin()
            return Cleaned(heard)
        self._heard = np.concatenate([self._heard, heard])
        self._played = np.concatenate([self._played, played])
        whole = len(self._heard) // BLOCK_SAMPLES * BLOCK_SAMPLES
        near, far = self._heard[:whole], self._played[:whole]
        self._heard, self._played = self._heard[whole:], self._played[whole:]
        pcm = np.concatenate([self._pcm, self._linear.process(near, far)])
        rest = np.concatenate([self._rest, self._strong.process(near, far)])
        self._pcm, self._rest = pcm[FRAME_SAMPLES:], rest[FRAME_SAMPLES:]
        known = self._learned >= LEARNS_SAMPLES
        if self._level.is_passed(heard, sounds=sounds) and known:
            return Cleaned(pcm[:FRAME_SAMPLES])
        return Cleaned(pcm[:FRAME_SAMPLES], rest[:FRAME_SAMPLES] * np.int16(known))

    def _begin(self) -> None:
        self._heard = self._played = np.zeros(0, np.int16)
        self._pcm = self._rest = np.zeros(BLOCK_SAMPLES, np.int16)


class _Speex:
    """The echo canceller of libspeexdsp, without its suppressor, as the package pyaec ships it.

    Called past that package's own wrapper, which copies sample by sample.
    """

    def __init__(self) -> None:
        import pyaec

        self._aec = pyaec.Aec(BLOCK_SAMPLES, TAIL_SAMPLES, FRAME_RATE_HZ, False)
        self._cancel = pyaec.lib.AecCancelEcho

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        """int16 [n * 160] each."""
        near, far = np.ascontiguousarray(near), np.ascontiguousarray(far)
        out = np.zeros_like(near)
        for start in range(0, len(near), BLOCK_SAMPLES):
            block = slice(start, start + BLOCK_SAMPLES)
            pointers = [_pointer(each[block]) for each in (near, far, out)]
            self._cancel(self._aec._aec, *pointers, BLOCK_SAMPLES)
        return out


def _pointer(block: Pcm) -> ctypes._Pointer[ctypes.c_int16]:
    return block.ctypes.data_as(ctypes.POINTER(ctypes.c_int16))
