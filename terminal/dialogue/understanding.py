"""What do the words mean? The items of the pack that may be meant, with their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.schema import Faq, Guide, Language
from models.base import Encoder
from models.ranker import Ranker
from terminal.dialogue.features import features
from terminal.dialogue.index import Candidates, Index, Phrase, Scores
from terminal.dialogue.topics import Topics
from terminal.dialogue.words import core
from terminal.recognizing import Nearest

CANDIDATES = 16
"""Looked at by the ranker; of the sample packs' own questions all have the right one there."""
FITS_AT = 0.85
"""Likeness to one phrase from which the words are that question, give or take a particle, and
hearing them again could only spoil them. At 0.75, 3 of 72 readings stayed wrong for it."""
SURE = 0.99
"""Probability of an item that has the very words among its phrases."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Items that the words may mean, likeliest first."""

    items: tuple[str, ...] = ()
    chances: tuple[float, ...] = ()
    none: float = 1.0
    """Probability that no item is meant."""
    broad: tuple[str, ...] = ()
    """The words are a bare topic of these items."""

    @property
    def first(self) -> str | None:
        """The likeliest item."""
        return self.items[0] if self.items else None

    @property
    def chance(self) -> float:
        """Of the likeliest item."""
        return self.chances[0] if self.chances else 0.0

    def chance_of(self, item: str) -> float:
        """Of one item; 0 if it is no candidate."""
        return dict(zip(self.items, self.chances, strict=True)).get(item, 0.0)

    def starting(self, prefix: str) -> Ranking:
        """What is left when only items of one family can be meant."""
        return self.among(lambda item: item.startswith(prefix))

    def among(self, wanted: Callable[[str], bool]) -> Ranking:
        """What is left when it is known that only `wanted` items can be meant."""
        kept = [(i, c) for i, c in zip(self.items, self.chances, strict=True) if wanted(i)]
        total = sum(chance for _, chance in kept) + self.none
        if not kept or total <= 0:
            return Ranking()
        items, chances = zip(*((i, c / total) for i, c in kept), strict=True)
        return Ranking(items, chances, self.none / total)


class Understanding:
    """Retrieval over a pack's titles, aliases and variants in one language, and its ranker."""

    def __init__(
        self,
        items: Sequence[Faq | Guide],
        encoder: Encoder,
        ranker: Ranker,
        language: Language = "zh",
    ) -> None:
        phrases = [phrase for item in items for phrase in _phrases(item, language)]
        self._index = Index(phrases, encoder)
        self._ranker = ranker
        self._topics = Topics(phrases)

    def rank(self, readings: Sequence[str], log_probability: float = 0.0) -> Ranking:
        """Of an utterance, given as its best reading and others."""
        found = self._index.candidates(readings, CANDIDATES)
        if not found.readings:
            return Ranking()
        chances = self._chances(found, log_probability)
        if len(found.readings) > 1:
            # Another reading may be the right one: what is sure in one of them alone counts too,
            # and what is likely in one alone is not sure (wrong at 5 dB: 3.3 % -> 1.7 %).
            alone = [replace(found, readings=[each]) for each in found.readings]
            apart = [self._chances(one, log_probability) for one in alone]
            chances = np.mean([chances, np.mean(apart, axis=0)], axis=0).astype(np.float32)
        order = np.argsort(-chances[:-1], kind="stable")
        items = tuple(str(self._index.items[found.items[each]]) for each in order)
        ranking = Ranking(items, tuple(float(chances[each]) for each in order), float(chances[-1]))
        exact = self._index.exact(readings[0])
        if exact is not None:
            return _certain(ranking, exact)
        return replace(ranking, broad=self._topics.broad(core(readings[0]), self._index.having))

    def _chances(self, found: Candidates, log_probability: float) -> Scores:
        seen = features(self._index, found, log_probability)
        return self._ranker.probabilities(seen.candidates, seen.question)

    def nearest(self, text: str) -> Nearest:
        """For the recogniser's second pass."""
        found = self._index.nearest_phrases(text)
        fits = bool(found) and found[0][1] >= FITS_AT
        return Nearest(tuple(phrase for phrase, _ in found), fits)


def _phrases(item: Faq | Guide, language: Language) -> Iterable[Phrase]:
    if language == "en":
        if item.en is not None:
            yield Phrase(item.id, item.en.title, name=True)
            yield from (Phrase(item.id, text) for text in item.en.variants)
        return
    yield from (Phrase(item.id, text, name=True) for text in (item.title, *item.aliases))
    yield from (Phrase(item.id, text) for text in item.variants)


def _certain(ranking: Ranking, item: str) -> Ranking:
    rest = [(i, c) for i, c in zip(ranking.items, ranking.chances, strict=True) if i != item]
    left = (1 - SURE) / max(sum(chance for _, chance in rest) + ranking.none, 1e-9)
    items = (item, *(each for each, _ in rest))
    chances = (SURE, *(chance * left for _, chance in rest))
    return Ranking(items, chances, ranking.none * left)
