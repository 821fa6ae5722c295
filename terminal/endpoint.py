"""When has the citizen begun, paused, and finished? A pure count of frames; no clock.

The numbers are frames of 32 ms. A pause of about a quarter of a second is announced early, so
that recognition can begin inside the silence that the endpoint waits for anyway. What it then
says may shorten or lengthen that wait (`Segmenter.wait`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

FRAME_S = 0.032


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """All in seconds, except the two probabilities."""

    speech_probability: float = 0.5
    """At or above it a frame is speech."""
    silence_probability: float = 0.35
    """Below it a frame is silence; between the two, the last verdict stands."""
    start_s: float = 0.10
    """Speech needed before a turn begins: a click is no question."""
    suspect_s: float = 0.06
    """Speech needed before the kiosk stops speaking to listen: it can go on any time."""
    wary_s: float = 0.25
    """The same for some seconds after that was for nothing: applause must not chop an answer."""
    pause_s: float = 0.25
    """Silence after which recognition may begin."""
    end_s: float = 0.60
    """Silence after which the citizen has finished."""
    known_end_s: float = 0.50
    """The same behind a complete question that the pack knows."""
    unfinished_end_s: float = 1.60
    """The same behind words that break off: 那个, 因为, half a number."""
    patient_end_s: float = 1.20
    """In place of `end_s` for one who asked for more time; the other two grow as much."""
    longest_s: float = 20.0
    """Speech (or steady noise taken for it) is cut here."""
    pre_roll_s: float = 0.40
    """Sound kept from before the start: the first consonant is quiet."""


class Mark(Enum):
    """What a frame changed."""

    STARTED = auto()
    PAUSED = auto()
    RESUMED = auto()
    ENDED = auto()


class Segmenter:
    """Takes one speech probability a frame, gives a mark when something changed."""

    def __init__(self, settings: EndpointSettings) -> None:
        self.settings = settings
        self.start_s = settings.start_s
        """Speech needed for a start; may be changed at any time."""
        self.reset()

    def reset(self) -> None:
        """Wait for speech to start."""
        self._in_turn = False
        self._speech = False
        self._run = 0
        self._length = 0
        self._paused = False
        self._wait_s = self.settings.end_s

    def begin(self) -> None:
        """Somebody is speaking: this was found out by other means."""
        self.reset()
        self._in_turn = self._speech = True
        self._run = self._length = 1

    @property
    def in_turn(self) -> bool:
        """Somebody has begun, and not finished."""
        return self._in_turn

    @property
    def length_s(self) -> float:
        """Since somebody began, inside a turn."""
        return self._length * FRAME_S

    @property
    def paused(self) -> bool:
        """The silence since the last speech has been announced."""
        return self._paused

    def wait(self, silence_s: float) -> None:
        """End this pause after so much silence; the next one waits as usual again."""
        self._wait_s = silence_s

    @property
    def silence_s(self) -> float:
        """Silence since the last speech, inside a turn."""
        return 0.0 if self._speech else self._run * FRAME_S

    def push(self, probability: float) -> Mark | None:
        """Take the next frame's probability of speech."""
        self._count(probability)
        if not self._in_turn:
            return self._maybe_start()
        self._length += 1
        if self._length * FRAME_S >= self.settings.longest_s:
            return self._end()
        if self._speech and self._paused:
            self._paused = False
            self._wait_s = self.settings.end_s
            return Mark.RESUMED
        if self._speech:
            return None
        if self.silence_s >= self._wait_s:
            return self._end()
        if not self._paused and self.silence_s >= self.settings.pause_s:
            self._paused = True
            return Mark.PAUSED
        return None

    def _count(self, probability: float) -> None:
        speech = self._speech
        if probability >= self.settings.speech_probability:
            speech = True
        elif probability < self.settings.silence_probability:
            speech = False
        self._run = self._run + 1 if speech == self._speech else 1
        self._speech = speech

    def _maybe_start(self) -> Mark | None:
        if self._speech and self._run * FRAME_S >= self.start_s:
            self._in_turn = True
            self._length = self._run
            return Mark.STARTED
        return None

    def _end(self) -> Mark:
        self.reset()
        return Mark.ENDED
