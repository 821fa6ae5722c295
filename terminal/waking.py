"""Was the kiosk called by its phrase? Pure: judged by the detector's score and a second look.

A detector alone takes 你好小王 for 你好小政, and so does a recogniser alone. Each errs on other
sounds, so both are weighed, and neither decides by itself. The second look is the trained check
where the recogniser has one, else the sound of the words that it reads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.sounds import Syllable, likeness, spoken

PHRASE = "你好小政"

CERTAIN = 1e-4
"""Scores nearer to 0 or 1 say no more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Logistic: log odds that it was the phrase, by those of the detector and of the check."""

    bias: float
    by_detector: float
    by_check: float

    def odds(self, score: float, check: float) -> float:
        """`score`: the detector's, 0..1; `check`: log odds."""
        score = min(max(score, CERTAIN), 1 - CERTAIN)
        told = math.log(score / (1 - score))
        return self.bias + self.by_detector * told + self.by_check * check


RULE = Rule(-0.95, 0.24, 0.61)
"""Fitted to 180 clips that the first two models were not trained on, by speakers that both knew;
the bias was then moved towards fewer misses. Kept when both learned more: a rule fitted to clips
of speakers left out hears little more, takes more near misses, and music. See trained/wake.md."""

BIAS, BY_SCORE, BY_SIMILARITY = -7.0, 5.0, 5.0
"""The same over score and similarity, for a recogniser without a check. With these a score of
0.5 needs words that are nearly the phrase, and either alone, however sure, is not enough.
Chosen by that rule, not fitted: the only recogniser without a check is Vosk, whose Mandarin model
nobody of this project has run, so no misses or false calls of it are known."""
UNREAD = 0.35
"""Stands for the similarity where nothing could be read: no detector is sure enough alone."""

EXTRA = 0.3
"""Of a syllable's worth, lost for each syllable between two of the phrase: 你好啊小政."""
CLEAR = 0.85
"""Similarity from which words are the phrase, where no detector has heard it."""
KNOWN = 0.7
"""Mean likeness from which it is, where one has: all that is asked is where the phrase ends."""
MOST_EXTRA = 3
BEFORE = 2
"""Syllables in front of the phrase that are no words of their own: 喂, 哎."""


@dataclass(frozen=True, slots=True)
class WakeSettings:
    """How the phrase is listened for."""

    phrase: str = PHRASE
    candidate: float = 0.1
    """Score of the detector from which the words are looked at."""
    sure: float = 0.9
    """Score from which that is done at once; below, when it has stopped rising."""
    terms: tuple[str, ...] = ()
    """Words that the recogniser leans on in that look; the phrase among them makes it hear the
    phrase in everything."""


@dataclass(frozen=True, slots=True)
class Found:
    """The phrase in a text, or what is likest to it."""

    similarity: float
    """0..1; 1 sounds the same. Mean and worst of its syllables: one tells 小政 from 小王."""
    mean: float
    """Of its syllables alone."""
    before: int
    """Syllables in front of it."""
    end: int
    """Index of the first character behind it."""


NOT_FOUND = Found(0.0, 0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """What the second look found; at most one of the two."""

    check: float | None = None
    """Log odds of the trained check."""
    similarity: float | None = None
    """Of the words that were read; None for none."""


def verdict(score: float, look: Look) -> bool:
    """Whether it was the phrase, by the detector's `score`, 0..1, and the second look."""
    if look.check is None:
        return verdict_on_words(score, look.similarity)
    return RULE.odds(score, look.check) >= 0.0


def verdict_on_words(score: float, similarity: float | None) -> bool:
    """The same where there is no check; `similarity`: None where nothing could be read."""
    words = UNREAD if similarity is None else similarity
    return BIAS + BY_SCORE * score + BY_SIMILARITY * words >= 0.0


def similarity(heard: str, phrase: str) -> float:
    """How much the likest part of `heard` sounds like `phrase`, 0..1."""
    return find(heard, phrase).similarity


def find(heard: str, phrase: str) -> Found:
    """The part of `heard` that sounds most like `phrase`; the first of several."""
    wanted = [each for each in _polite(phrase) if each is not None]
    places = [(i, each) for i, each in enumerate(_polite(heard)) if each is not None]
    if not wanted or not places:
        return NOT_FOUND
    ways = [_Way((), 0, None, None)]
    for syllable in wanted:
        ways = list(_further(ways, syllable, places))
    best = max(ways, key=lambda way: way.worth)
    if best.first is None or best.last is None:
        return NOT_FOUND
    mean = max(0.0, best.worth) / len(wanted)
    worst = min(best.likenesses)
    return Found((mean + worst) / 2, mean, best.first, places[best.last][0] + 1)


def without_phrase(heard: str, phrase: str, *, known: bool = False) -> str | None:
    """What was said behind the phrase, if `heard` begins with it; else None.

    known: a detector has heard it; whatever is in front of it was said to somebody else.
    """
    found = find(heard, phrase)
    if found.mean < KNOWN or not (known or found.similarity >= CLEAR):
        return None
    if not known and found.before > BEFORE:
        return None
    rest = heard[found.end :].lstrip(" ，。、！？,.!?…～~")
    again = without_phrase(rest, phrase)
    return rest if again is None else again


@dataclass(frozen=True, slots=True)
class _Way:
    """An alignment of the phrase's first syllables."""

    likenesses: tuple[float, ...]
    extras: int
    first: int | None
    last: int | None
    """Places in the heard text."""

    @property
    def worth(self) -> float:
        return sum(self.likenesses) - EXTRA * self.extras


def _further(
    ways: Sequence[_Way], syllable: Syllable, places: Sequence[tuple[int, Syllable]]
) -> Iterator[_Way]:
    """The best way for each place that the phrase's next syllable can take, or none at all."""
    best: dict[int | None, _Way] = {}
    for way in ways:
        _keep(best, _Way((*way.likenesses, 0.0), way.extras, way.first, way.last))
        start = 0 if way.last is None else way.last + 1
        end = len(places) if way.last is None else min(len(places), start + MOST_EXTRA + 1)
        for place in range(start, end):
            skipped = 0 if way.last is None else place - start
            like = likeness(syllable, places[place][1])
            first = place if way.first is None else way.first
            _keep(best, _Way((*way.likenesses, like), way.extras + skipped, first, place))
    yield from best.values()


def _keep(best: dict[int | None, _Way], way: _Way) -> None:
    known = best.get(way.last)
    if known is None or way.worth > known.worth:
        best[way.last] = way


def _polite(text: str) -> list[Syllable | None]:
    """Syllables by character; 您 is as good as 你."""
    return spoken(text.replace("您", "你"))
