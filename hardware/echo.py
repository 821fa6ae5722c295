"""Taking the kiosk's own voice out of what its microphone hears.

Browsers do that themselves (`echoCancellation`); this is for all other microphones, and for what
a browser leaves over. Two streams go in, microphone and loudspeaker; the delay between them is
found by itself.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.base import FRAME_RATE_HZ, FRAME_SAMPLES

BLOCK_SAMPLES = 160
"""10 ms: what WebRTC's canceller works in."""


class EchoCanceller(Protocol):
    """Keeps state: frames must come one after another."""

    def clean(
        self, heard: NDArray[np.int16], played: NDArray[np.int16]
    ) -> NDArray[np.int16]:
        """The microphone's frame without the loudspeaker's sound; both int16 [512], 16 kHz."""
        ...


class NoEchoCanceller:
    """For headphones, and for microphones that have a canceller of their own."""

    def clean(
        self, heard: NDArray[np.int16], played: NDArray[np.int16]
    ) -> NDArray[np.int16]:
        """As it is."""
        return heard


class WebRtcEchoCanceller:
    """AEC3, the canceller of Chromium; needs about two seconds of speech to know a room.

    Its output is 10 ms late: it works in blocks of 10 ms, and a frame is 32.
    """

    def __init__(self) -> None:
        from pywebrtc_audio import EchoCanceller as Aec3

        self._aec = Aec3(sample_rate=FRAME_RATE_HZ)
        self._heard = np.zeros(0, np.int16)
        self._played = np.zeros(0, np.int16)
        self._clean = np.zeros(BLOCK_SAMPLES, np.int16)

    def clean(
        self, heard: NDArray[np.int16], played: NDArray[np.int16]
    ) -> NDArray[np.int16]:
        """Whole blocks go through, the rest waits for the next frame."""
        self._heard = np.concatenate([self._heard, heard])
        self._played = np.concatenate([self._played, played])
        whole = len(self._heard) // BLOCK_SAMPLES * BLOCK_SAMPLES
        done = self._aec.process(self._heard[:whole], self._played[:whole])
        self._heard = self._heard[whole:]
        self._played = self._played[whole:]
        ready = np.concatenate([self._clean, done])
        self._clean = ready[FRAME_SAMPLES:]
        return ready[:FRAME_SAMPLES]
