"""Ears and a voice of a kiosk that goes on without them: it hears nothing, and says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.base import Heard, Samples, Transcript


class NoVad:
    """Nobody speaks."""

    def probability(self, frame: Samples) -> float:
        """None."""
        del frame
        return 0.0

    def reset(self) -> None:
        """Nothing is kept."""


class NoHeard:
    """Nothing was understood."""

    transcript = Transcript("")

    def again(self, terms: Sequence[str]) -> Transcript:
        """Nor is it with other words."""
        del terms
        return self.transcript


class NoRecognizer:
    """Understands nothing."""

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> Heard:
        """Nothing."""
        del audio, terms
        return NoHeard()


class NoVoice:
    """Silent: answers are shown."""

    name = "none"
    sample_rate_hz = 24_000

    def say(self, text: str, speed: float = 1.0) -> Samples:
        """Empty audio."""
        del text, speed
        return np.zeros(0, np.float32)

    def unsayable(self, text: str) -> list[str]:
        """Nothing is missed of what nobody hears."""
        del text
        return []
