"""The encoder's states of many phrases, each encoded once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.base import Encoder, Samples

BATCH = 256


class KnownStates:
    """Remembers what it has encoded: training asks for the same phrases many times."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Samples] = {}

    def states(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, width]."""
        missing = [text for text in dict.fromkeys(sentences) if text not in self._known]
        for start in range(0, len(missing), BATCH):
            part = missing[start : start + BATCH]
            self._known |= dict(zip(part, self._encoder.states(part), strict=True))
        return np.stack([self._known[text] for text in sentences])


class Turned:
    """An encoder of meaning under training: the states through a turn that is not yet exported."""

    def __init__(self, known: KnownStates, turn: Samples) -> None:
        self._known = known
        self._turn = turn
        self.dimensions = turn.shape[1]

    def encode(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, dimensions], unit rows."""
        if not sentences:
            return np.zeros((0, self.dimensions), np.float32)
        turned = self._known.states(sentences) @ self._turn
        length = np.linalg.norm(turned, axis=1, keepdims=True)
        return np.asarray(turned / np.maximum(length, 1e-9), np.float32)

    def states(self, sentences: Sequence[str]) -> Samples:
        """As of the encoder underneath."""
        return self._known.states(sentences)
