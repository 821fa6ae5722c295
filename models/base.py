"""What an ear, a voice, a detector of speech, phrase or faces, an encoder of meaning must do.

Engines are chosen by name in one visible place (`models.engines`); their users see only
these Protocols. All calls are synchronous and single-threaded: the caller owns the thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Mono audio, float32 [n], -1..1."""

EAR_RATE_HZ = 16_000
"""Every recogniser and detector takes 16 kHz."""

Picture: TypeAlias = NDArray[np.uint8]
"""[height, width, 3], blue before green before red, as OpenCV has it."""

FRAME_SAMPLES = 512
"""32 ms at 16 kHz: Silero's window."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser made of one utterance."""

    text: str
    """Simplified characters, no surrounding space; empty when nothing was intelligible."""
    language: str = "zh"
    """ISO 639-1."""
    log_probability: float = 0.0
    """Mean per token, natural logarithm; 0 where the engine gives none."""
    alternatives: tuple[str, ...] = ()
    """Other readings, best first."""


class Heard(Protocol):
    """One utterance that was decoded once and can be decoded again with other words."""

    @property
    def transcript(self) -> Transcript:
        """The first reading."""
        ...

    def again(self, terms: Sequence[str]) -> Transcript:
        """Decode the same sound again, leaning towards `terms` (likeliest first)."""
        ...


class Recognizer(Protocol):
    """Speech to text, one utterance at a time."""

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> Heard:
        """Decode 16 kHz `audio`; `terms` are words of the trade to lean towards."""
        ...


class Listening(Protocol):
    """An utterance being decoded while it is spoken."""

    def push(self, audio: Samples) -> str:
        """Take more 16 kHz audio; give the reading so far."""
        ...

    def finish(self) -> Heard:
        """No more audio will come."""
        ...


@runtime_checkable
class StreamingRecognizer(Recognizer, Protocol):
    """A recogniser that can also follow speech as it comes."""

    def listen(self, terms: Sequence[str] = ()) -> Listening:
        """Begin an utterance."""
        ...


class Voice(Protocol):
    """Text to speech. `text` is already normalised for speech (see `models.verbalize`)."""

    @property
    def name(self) -> str:
        """Engine and speaker, stable: part of the voice cache's key."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """Rate of what `say` returns."""
        ...

    def say(self, text: str, speed: float = 1.0) -> Samples:
        """Speak one clause; empty audio for text without anything to say."""
        ...

    def unsayable(self, text: str) -> list[str]:
        """The parts of `text` that this voice would drop in silence."""
        ...


class Vad(Protocol):
    """Voice activity detection, one frame after another."""

    def probability(self, frame: Samples) -> float:
        """Of speech in this frame of 512 samples, 0..1. Keeps state between calls."""
        ...

    def reset(self) -> None:
        """Forget what came before."""
        ...


class WakeDetector(Protocol):
    """Hears one phrase. Keeps state: frames must come one after another."""

    phrase: str
    """The phrase, Chinese characters."""

    def push(self, samples: Samples) -> float:
        """The next float32 [512] at 16 kHz -> probability 0..1 that the phrase has just ended."""
        ...

    def reset(self) -> None:
        """Forget the sound before."""
        ...


class WakeJudge(Protocol):
    """Was a moment of sound the phrase? Asked only when the detector believes so."""

    def logit(self, audio: Samples) -> float:
        """float32 16 kHz up to just behind the phrase -> log odds that it was the phrase."""
        ...


@dataclass(frozen=True, slots=True)
class Face:
    """Where a face is, and whether it looks this way. Says nothing of whose it is."""

    x: float
    """Left edge of the box, as a fraction of the picture's width; so are all across."""
    y: float
    """Upper edge, as a fraction of the picture's height; so are all downwards."""
    width: float
    height: float
    score: float
    """How sure the detector is, 0..1."""
    facing: float
    """1 looks straight at the camera, 0 is a profile; from the landmarks' symmetry."""

    @property
    def centre(self) -> tuple[float, float]:
        """Across and down."""
        return self.x + self.width / 2, self.y + self.height / 2


class FaceDetector(Protocol):
    """Finds faces, and never tells whose they are: it has no memory and gives no features."""

    def faces(self, picture: Picture) -> list[Face]:
        """The faces in `picture`, of any size from one pixel, best first."""
        ...


class Encoder(Protocol):
    """Sentences to vectors whose dot product is likeness of meaning."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """[n, dimensions], each row of length 1 (or 0 for an empty sentence)."""
        ...

    def states(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """[n, any width]: what the vectors were made of, for what is learned on top of them."""
        ...
