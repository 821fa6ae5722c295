"""Hear, look up, hear again: the recogniser and the knowledge pack brought together.

The first pass leans on the pack's general terms. Its words find the nearest known questions;
if none fits already, the same sound is decoded once more, leaning on those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.base import Recognizer, Samples, Transcript


@dataclass(frozen=True, slots=True)
class Nearest:
    """What the pack knows near some words."""

    phrases: tuple[str, ...]
    """Known questions, nearest first."""
    fits: bool
    """The words are a known question already: hearing again can only spoil them."""


Lookup = Callable[[str], Nearest]

PACKS_LANGUAGE = "zh"
"""Of the phrases that a lookup finds: they would bend words of another language."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was heard, after one or two passes."""

    transcript: Transcript
    alternatives: tuple[str, ...] = ()
    passes: int = 1
    fits: bool = False
    """The words are a known question, to the letter."""
    sureness: float = 0.0
    """Mean log-probability of the first pass: the second's is flattered by its prompt."""


class Ear:
    """A recogniser that knows what the hall is about."""

    def __init__(
        self, recognizer: Recognizer, terms: Sequence[str] = (), lookup: Lookup | None = None
    ) -> None:
        self._recognizer = recognizer
        self._terms = tuple(terms)
        self._lookup = lookup

    def glance(self, audio: Samples) -> Transcript:
        """Are there words at all? Quick, without the pack's terms: of a cough they make 退休."""
        return self._recognizer.hear(audio).transcript

    def hear(self, audio: Samples) -> Reading:
        """Float32 16 kHz of one utterance -> its words."""
        heard = self._recognizer.hear(audio, self._terms)
        first = heard.transcript
        if self._lookup is None or not first.text or first.language != PACKS_LANGUAGE:
            return Reading(first, first.alternatives, sureness=first.log_probability)
        near = self._lookup(first.text)
        if near.fits:
            return Reading(first, first.alternatives, fits=True, sureness=first.log_probability)
        second = heard.again(near.phrases or self._terms)
        if not second.text:
            return Reading(first, first.alternatives, 2, sureness=first.log_probability)
        readings = dict.fromkeys((first.text, *second.alternatives, *first.alternatives))
        others = tuple(text for text in readings if text != second.text)
        return Reading(second, others, 2, sureness=first.log_probability)
