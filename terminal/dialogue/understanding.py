"""What do the words mean? One item, a choice of a few, or nothing in this pack."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.schema import Aspect, Faq, Guide
from models.base import Encoder
from terminal.dialogue import aspects
from terminal.dialogue.index import Index, Match, Phrase
from terminal.dialogue.words import core
from terminal.recognizing import Nearest

CANDIDATES = 5
MAX_OPTIONS = 3
ANSWER_AT = 0.65
"""Probability of being right from which the answer is given outright. At this threshold, of
524 questions that were written without sight of the packs, see README, "Measured"."""
KNOWN_AT = 0.5
"""Probability of being among the first three from which it is worth asking back."""
FITS_AT = 0.93
"""Score from which the words are a known question, give or take a particle."""
SURE = 0.99

# Logistic regression over the score of the first item and its lead over the second.
FIRST_SCORE, FIRST_LEAD, FIRST_BIAS = 7.70, 28.99, -3.81
KNOWN_SCORE, KNOWN_BIAS = 32.1, -10.0

_BROAD_EDGES = re.compile(
    r"^(?:我?(?:要|想)?(?:来|去)?(?:办理?|弄|搞|问|换|查|咨询)?一?下?个?)|(?:的?(?:事情?|事儿|业务|问题|这块|方面))$"
)
BROAD_LONGEST = 6
"""Characters of a bare topic: 公积金, 营业执照."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was understood."""

    item: str | None = None
    aspect: Aspect | None = None
    options: tuple[str, ...] = ()
    confidence: float = 0.0
    """Probability that `item` (or, with options, one of them) is what was meant."""


class Understanding:
    """Retrieval over a pack's titles, aliases and variants."""

    def __init__(self, items: Sequence[Faq | Guide], encoder: Encoder) -> None:
        phrases = [
            Phrase(item.id, text)
            for item in items
            for text in (item.title, *item.aliases, *item.variants)
        ]
        self._index = Index(phrases, encoder)
        self._names = {
            item.id: [core(name) for name in (item.title, *item.aliases)] for item in items
        }

    def meaning(self, readings: Sequence[str]) -> Meaning:
        """Of an utterance, given as its best reading and others."""
        matches = self._index.search(readings, CANDIDATES)
        if not matches:
            return Meaning()
        aspect = aspects.asked(core(readings[0]))
        exact = self._index.exact(readings[0])
        if exact is not None:
            return Meaning(exact, aspect, confidence=SURE)
        broad = self._broad(core(readings[0]), matches)
        if broad:
            return Meaning(options=broad, confidence=probability_known(matches))
        return decide(matches, aspect)

    def nearest(self, text: str) -> Nearest:
        """For the recogniser's second pass."""
        matches = self._index.search([text], 6)
        fits = bool(matches) and matches[0].score >= FITS_AT
        return Nearest(tuple(match.phrase for match in matches), fits)

    def _broad(self, text: str, matches: Sequence[Match]) -> tuple[str, ...]:
        """The items that a bare topic (公积金, 居住证的事) may mean, when it is several."""
        topic = _BROAD_EDGES.sub("", text)
        if not 2 <= len(topic) <= BROAD_LONGEST:
            return ()
        named = {item for item, names in self._names.items() if any(topic in n for n in names)}
        if len(named) < 2 or any(topic in self._names[item] for item in named):
            return ()
        ranked = [match.item for match in matches if match.item in named]
        return tuple(dict.fromkeys([*ranked, *sorted(named)]))[:MAX_OPTIONS]


def decide(matches: Sequence[Match], aspect: Aspect | None) -> Meaning:
    """Answer, ask back, or give up: by the probability of being right."""
    first = probability_first(matches)
    if first >= ANSWER_AT:
        return Meaning(matches[0].item, aspect, confidence=first)
    known = probability_known(matches)
    if known < KNOWN_AT:
        return Meaning(confidence=1 - known)
    options = tuple(match.item for match in matches[:MAX_OPTIONS])
    return Meaning(options=options, confidence=known)


def probability_first(matches: Sequence[Match]) -> float:
    """That the first item is what was meant."""
    lead = matches[0].score - (matches[1].score if len(matches) > 1 else 0.0)
    return _logistic(FIRST_SCORE * matches[0].score + FIRST_LEAD * lead + FIRST_BIAS)


def probability_known(matches: Sequence[Match]) -> float:
    """That one of the first three is what was meant."""
    return _logistic(KNOWN_SCORE * matches[0].score + KNOWN_BIAS)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
