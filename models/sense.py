"""Meaning as this project learned it: the sentence encoder's states, turned to what matters.

Trained on pairs of questions that mean the same matter, among neighbours that do not
(`kiosk models train sense`): 活期利率 and 定期利率 are alike to a general encoder, and worlds
apart at a counter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from models.base import Samples
from models.onnx_session import open_session

TRAINED = Path(__file__).parent / "trained"
DIMENSIONS = 256


class States(Protocol):
    """An encoder that shows what its last layers were given."""

    def states(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, width]; zero rows for empty sentences."""
        ...


class Sense:
    """An `Encoder` over another encoder's states; adds microseconds."""

    dimensions = DIMENSIONS

    def __init__(self, states: States, model: Path = TRAINED / "sense.onnx") -> None:
        self._states = states
        self._session = open_session(model, threads=1)
        self.revision = hashlib.sha256(model.read_bytes()).hexdigest()[:16]

    def encode(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, 256], unit rows; zero rows for empty sentences."""
        states = self._states.states(sentences)
        vectors: Samples = self._session.run(None, {"states": states})[0]
        return vectors

    def states(self, sentences: Sequence[str]) -> Samples:
        """As of the encoder underneath."""
        return self._states.states(sentences)
