"""What the loudspeaker is playing just now: the reference of an echo canceller, and its words.

It counts samples, not seconds: each frame of the microphone takes the next 32 ms of it, so that
both streams keep in step whatever clock either has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from hardware.base import FRAME_RATE_HZ, FRAME_S, FRAME_SAMPLES, Sound

REMEMBERED_S = 4.0
"""Words count as just said for so long: the echo of the last clause, its way through the page,
and the time that it takes to recognise it."""


@dataclass(frozen=True, slots=True)
class OwnVoice:
    """The kiosk's own voice beside one frame of the microphone."""

    pcm: NDArray[np.int16]
    """[512], 16 kHz, mono; zeros where nothing plays."""
    words: tuple[str, ...] = ()
    """Clauses being said, or said a moment ago."""


SILENT = OwnVoice(np.zeros(FRAME_SAMPLES, np.int16))


class Played:
    """A queue of sound that is played at the pace of the microphone's frames."""

    def __init__(self, delay_s: Callable[[], float] = lambda: 0.0) -> None:
        """`delay_s`: how much later the microphone hears it, at least.

        An echo canceller looks 0.3 s back; what buffers take of that is lost for the room.
        """
        self._delay_s = delay_s
        self._late: deque[NDArray[np.int16]] = deque()
        self._queue: deque[NDArray[np.int16]] = deque()
        self._paused = False
        self._taken = 0
        """Samples played since the beginning."""
        self._queued = 0
        """Samples played and to be played."""
        self._words: deque[tuple[str, int, int]] = deque()
        """Each clause with its first and last sample."""
        self._idle = 0
        """Samples of silence since something was played."""

    @property
    def left(self) -> bool:
        """Something is still to be played, paused or not."""
        return bool(self._queue)

    def queue(self, sound: Sound) -> None:
        """This will be played behind what is queued already."""
        pcm = resampled(sound)
        self._queue.append(pcm)
        self._words.append((sound.text, self._queued, self._queued + len(pcm)))
        self._queued += len(pcm)

    def pause(self) -> None:
        """Silence; the rest stays queued."""
        self._paused = True

    def resume(self) -> None:
        """Go on where it was."""
        self._paused = False

    def cancel(self) -> None:
        """Silence; the rest is dropped. What was said a moment ago is remembered."""
        self._queue.clear()
        self._words = deque(each for each in self._words if each[1] < self._taken)
        self._queued = self._taken
        self._paused = False

    def take(self) -> OwnVoice:
        """The next 32 ms."""
        pcm = np.zeros(FRAME_SAMPLES, np.int16)
        filled = 0 if self._paused else self._fill(pcm)
        self._taken += filled
        self._idle = 0 if filled else self._idle + FRAME_SAMPLES
        return OwnVoice(self._delayed(pcm), self._said())

    def _delayed(self, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        """What was taken so much earlier."""
        self._late.append(pcm)
        frames = int(self._delay_s() / FRAME_S)
        while len(self._late) > frames + 1:
            self._late.popleft()
        return self._late[0] if len(self._late) > frames else SILENT.pcm

    def _fill(self, pcm: NDArray[np.int16]) -> int:
        filled = 0
        while self._queue and filled < len(pcm):
            piece = self._queue.popleft()
            count = min(len(piece), len(pcm) - filled)
            pcm[filled : filled + count] = piece[:count]
            filled += count
            if count < len(piece):
                self._queue.appendleft(piece[count:])
        return filled

    def _said(self) -> tuple[str, ...]:
        oldest = self._taken - REMEMBERED_S * FRAME_RATE_HZ + self._idle
        while self._words and self._words[0][2] <= oldest:
            self._words.popleft()
        return tuple(text for text, begin, _ in self._words if text and begin < self._taken)


def resampled(sound: Sound) -> NDArray[np.int16]:
    """At the microphone's rate."""
    if sound.rate_hz == FRAME_RATE_HZ:
        return sound.pcm
    audio = soxr.resample(sound.pcm.astype(np.float32), sound.rate_hz, FRAME_RATE_HZ)
    pcm: NDArray[np.int16] = np.clip(np.round(audio), -32768, 32767).astype(np.int16)
    return pcm
