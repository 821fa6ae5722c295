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
ANSWER_AT = 0.7
"""Probability of being right from which the answer is given outright: a wrong answer costs the
citizen a walk to the wrong window, a question back costs five seconds."""
KNOWN_AT = 0.5
"""Probability of being among the first three from which it is worth asking back."""
FITS_AT = 0.85
"""Likeness to one phrase from which the words are that question, give or take a particle, and
hearing them again could only spoil them. At 0.75, 3 of 72 readings stayed wrong for it."""
SURE = 0.99

FULL_LENGTH = 12
"""Characters from which a question is as good as any longer one; in a shorter one a chance
likeness weighs too much."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Logistic regression over three things known of a ranking."""

    score: float
    """Of the first item, 0..1."""
    lead: float
    """Of the first item over the second."""
    length: float
    """Of the question, 1 from `FULL_LENGTH` characters on."""
    bias: float

    def probability(self, matches: Sequence[Match], characters: int) -> float:
        """Of what the weights were fitted to."""
        lead = matches[0].score - (matches[1].score if len(matches) > 1 else 0.0)
        length = min(characters, FULL_LENGTH) / FULL_LENGTH
        total = self.score * matches[0].score + self.lead * lead + self.length * length + self.bias
        return 1.0 / (1.0 + math.exp(-total))


# Fitted to the 524 questions of the sample packs' tests.jsonl, which were written without
# sight of the packs. In five-fold cross-validation the log loss of FIRST is 0.17 (0.29 without
# the length).
FIRST = Weights(score=14.9, lead=9.6, length=6.6, bias=-10.7)
"""That the first item is what was meant."""
KNOWN = Weights(score=17.2, lead=6.0, length=5.7, bias=-9.9)
"""That one of the first three is what was meant."""

_BROAD_EDGES = re.compile(
    r"^(?:我?(?:要|想)?(?:来|去)?(?:办理?|弄|搞|问|换|查|咨询)?一?下?(?:个(?!体))?)|(?:的?(?:事情?|事儿|业务|问题|这块|方面))$"
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
        text = core(readings[0])
        broad = self._broad(text, matches)
        if broad:
            return Meaning(options=broad, confidence=KNOWN.probability(matches, FULL_LENGTH))
        return decide(matches, aspect, len(text))

    def nearest(self, text: str) -> Nearest:
        """For the recogniser's second pass."""
        matches = self._index.search([text], 6)
        fits = bool(matches) and matches[0].nearest >= FITS_AT
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


def decide(matches: Sequence[Match], aspect: Aspect | None, characters: int) -> Meaning:
    """Answer, ask back, or give up: by the probability of being right."""
    first = FIRST.probability(matches, characters)
    if first >= ANSWER_AT:
        return Meaning(matches[0].item, aspect, confidence=first)
    known = KNOWN.probability(matches, characters)
    if known < KNOWN_AT:
        return Meaning(confidence=1 - known)
    options = tuple(match.item for match in matches[:MAX_OPTIONS])
    return Meaning(options=options, confidence=known)
