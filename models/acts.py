"""What somebody does by speaking: asks of a matter, asks for a person, is in danger, chats.

Trained on sentences labelled by hand (`kiosk models train acts`; its report lies beside the
model): the encoder's states know what is meant, n-grams of characters and of sounds know the
words, also those that a recogniser misheard.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np

from models.base import Samples
from models.onnx_session import open_session
from models.sense import TRAINED, States
from models.sounds import syllables

Act: TypeAlias = Literal[
    "control",
    "queue",
    "handoff",
    "frustration",
    "complaint",
    "emergency",
    "fraud",
    "personal_data",
    "advice",
    "greeting",
    "thanks",
    "chitchat",
    "matter",
    "nothing",
]
ACTS: tuple[Act, ...] = get_args(Act)

GRAMS = 4096
"""Places for n-grams; a power of two, so that the lowest bits of a hash choose one."""
LONGEST = 3
"""Characters, or syllables, of an n-gram."""
_WORD = re.compile(r"[a-z0-9]+|[^\W_]")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


class ActClassifier:
    """About 0.3 ms, and the encoder's 1-2 ms where it does not know the sentence yet."""

    def __init__(self, states: States, model: Path = TRAINED / "acts.onnx") -> None:
        self._states = states
        self._session = open_session(model, threads=1)

    def probabilities(self, text: str) -> dict[Act, float]:
        """Of each act; they sum to 1. `text` with or without the words around its core."""
        inputs = {"states": self._states.states([text]), "grams": grams(text)[None]}
        found: Samples = self._session.run(None, inputs)[0][0]
        return dict(zip(ACTS, found.tolist(), strict=True))


def grams(text: str) -> Samples:
    """Float32 [GRAMS]: hashed n-grams of words and of sounds, of length 1 each, added up."""
    folded = unicodedata.normalize("NFKC", text).lower()
    words = _WORD.findall(folded)
    sounds = syllables("".join(_CHINESE.findall(folded)))
    return _hashed("w", words) + _hashed("s", sounds)


def _hashed(kind: str, units: list[str]) -> Samples:
    vector = np.zeros(GRAMS, np.float32)
    for gram in _runs(units):
        number = zlib.crc32(f"{kind} {gram}".encode())
        # The highest bit says the sign: what shares a place by chance cancels out on average.
        vector[number % GRAMS] += 1 - 2 * (number >> 31)
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length or 1.0)


def _runs(units: list[str]) -> Iterable[str]:
    if not units:
        return
    # Where a sentence begins and ends tells a whole one from a part.
    edged = ["^", *units, "$"]
    for size in range(1, LONGEST + 1):
        for start in range(len(edged) - size + 1):
            yield " ".join(edged[start : start + size])
