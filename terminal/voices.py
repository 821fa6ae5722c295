"""Whose voice is it? The citizen's, told from the hall's and the kiosk's own, frame by frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hardware.base import Frame
from hardware.echo import EchoCanceller, NoEchoCanceller
from hardware.played import OwnVoice
from models.base import Samples, Vad
from terminal.floor import Floor, level_of

RESIDUE_MARGIN_DB = 8.0
"""What is left of an echo varies more than a hall does."""
RESIDUE_DB = -42.0
"""Of the citizen's first syllables the strong canceller leaves more, of a known echo less, but for
single frames."""


class Voices:
    """Joins canceller, detector of speech and floor. Keeps state: one frame after another."""

    def __init__(self, vad: Vad, canceller: EchoCanceller, speech_probability: float) -> None:
        """`speech_probability`: at or above it the detector means speech."""
        self._vad = vad
        self._canceller = canceller
        self._speech_probability = speech_probability
        self._residue = Floor(RESIDUE_MARGIN_DB, RESIDUE_DB)
        self._echoes = False
        """All that this frame holds may be the kiosk's own voice."""
        self.floor = Floor()
        self.speaks = False
        """The citizen did, in the last frame."""
        self.cancels = not isinstance(canceller, NoEchoCanceller)
        """The kiosk's own voice is taken out here; elsewhere, nobody knows how well."""

    def clean(self, frame: Frame, own: OwnVoice) -> Samples:
        """The frame without the kiosk's own voice, float32 [512]."""
        cleaned = self._canceller.clean(frame.pcm, own.pcm)
        self._echoes = cleaned.rest is not None and not self._residue.push(
            level_of(_samples(cleaned.rest)), speech=False, in_turn=False
        )
        return _samples(cleaned.pcm)

    def probability(self, samples: Samples, *, in_turn: bool) -> float:
        """Of the citizen speaking in this frame: speech, near, and not the kiosk's."""
        probability = self._vad.probability(samples)
        speech = probability >= self._speech_probability
        near = self.floor.push(level_of(samples), speech, in_turn) and not self._echoes
        self.speaks = speech and near
        return probability if near else 0.0

    def forget(self) -> None:
        """The next sound has nothing to do with the last."""
        self._vad.reset()
        self.floor.forget()


def _samples(pcm: NDArray[np.int16]) -> Samples:
    return pcm.astype(np.float32) / 32768.0
