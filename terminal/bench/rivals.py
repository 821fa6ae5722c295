"""What one would build instead of the kiosk's understanding: three ways, each a few lines.

All know the same titles, aliases and variants, all are given the question without its fillers,
and their thresholds follow one rule: one in ten sentences of small talk (the act classifier's
`chitchat` and `nothing`) would be answered by the sample packs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.schema import Faq, Guide
from models.base import Encoder
from terminal.bench.outcomes import Said
from terminal.dialogue.overlap import Overlap
from terminal.dialogue.words import core
from terminal.events import WordsHeard

CHARACTERS_FROM = 0.31
"""Cosine of TF-IDF over runs of one to three characters, from which the nearest is the answer."""
MEANING_FROM = 0.70
"""The same for the encoder's cosine."""
KEYWORD_FROM = 2
"""Characters: a keyword of one would be in every question."""
RANKED = 3

Known = Sequence[tuple[str, str]]
"""Item and phrase."""
Scored = Sequence[tuple[str, float]]
"""Items with their scores, best first."""


def phrases_of(items: Iterable[Faq | Guide]) -> Known:
    """Every way of asking that a pack knows."""
    return [
        (item.id, core(text))
        for item in items
        for text in (item.title, *item.aliases, *item.variants)
    ]


class Nearest:
    """A rival that gives each item a score, and answers with the best if it is good enough."""

    threshold = 0.0

    def reply(self, words: WordsHeard) -> Said:
        """The nearest item's answer, or none. Never asks back."""
        found = self.scored(core(words.text))
        if not found or found[0][1] < self.threshold:
            return Said("unknown")
        return Said("answered", found[0][0])

    def ranked(self, words: WordsHeard) -> tuple[str, ...]:
        """The three nearest items, whatever their scores."""
        return tuple(item for item, _ in self.scored(core(words.text))[:RANKED])

    def scored(self, text: str) -> Scored:
        """The nearest items, best first."""
        raise NotImplementedError


class Keywords(Nearest):
    """Rules: the item with most of its keywords in the question, then with the longest one."""

    def __init__(self, known: Known) -> None:
        self._known = [(item, text) for item, text in known if len(text) >= KEYWORD_FROM]

    def scored(self, text: str) -> Scored:
        """One point a keyword, and less than one for the length of the longest."""
        count: dict[str, int] = {}
        longest: dict[str, int] = {}
        for item, keyword in self._known:
            if keyword in text:
                count[item] = count.get(item, 0) + 1
                longest[item] = max(longest.get(item, 0), len(keyword))
        scores = {item: number + longest[item] / 1000 for item, number in count.items()}
        return sorted(scores.items(), key=lambda each: -each[1])


class CharacterTfIdf(Nearest):
    """The phrase with the nearest TF-IDF vector over runs of characters."""

    threshold = CHARACTERS_FROM

    def __init__(self, known: Known) -> None:
        self._items = [item for item, _ in known]
        self._overlap = Overlap([list(text) for _, text in known])

    def scored(self, text: str) -> Scored:
        """Cosines."""
        return best_items(self._items, self._overlap.look(list(text)).cosine)


class EncoderAlone(Nearest):
    """The phrase with the nearest sentence embedding."""

    threshold = MEANING_FROM

    def __init__(self, known: Known, encoder: Encoder) -> None:
        self._items = [item for item, _ in known]
        self._encoder = encoder
        self._vectors = encoder.encode([text for _, text in known])

    def scored(self, text: str) -> Scored:
        """Cosines."""
        return best_items(self._items, self._vectors @ self._encoder.encode([text])[0])


def best_items(items: Sequence[str], scores: NDArray[np.float32]) -> Scored:
    """The `RANKED` items with the best phrases, and their scores."""
    found: dict[str, float] = {}
    for row in np.argsort(-scores, kind="stable"):
        if scores[row] <= 0 or len(found) == RANKED:
            break
        found.setdefault(items[row], float(scores[row]))
    return list(found.items())
