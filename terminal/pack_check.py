"""What only the encoder sees in a pack: questions of one item that find another.

Every question is left out once and asked again: what it finds then is what a citizen finds who
says nearly the same. Names that sound alike are found here too: the recogniser writes one for
the other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.messages import named, shown
from knowledge.pack import Entry, Pack, resolved
from knowledge.places import Place
from knowledge.problem import Problem
from knowledge.speech import CanSay, plain_text
from models.base import Encoder, Voice
from models.sounds import syllables
from models.verbalize import verbalize
from terminal.dialogue.overlap import Overlap
from terminal.dialogue.words import core

MOST = 50
"""Problems told at once: the worst, which change the others when they are mended."""

MEANING, CHARACTERS = 2 / 3, 1 / 3
"""Weights of the two cosines, as in the dialogue's first look."""
NEIGHBOURS = 6
"""Phrases of an item that count beside its nearest."""
CLEARLY = 0.1
"""Lead of another item over a question's own: of 2,503 questions in the sample packs 27 have it."""
ALIKE = 0.5
"""Likeness below which the other item would not answer either."""
SAME = 0.8
"""Likeness of two phrases that differ by a particle; the sample packs have 0.77 at most."""
LOST_SHARE, LOST_LEAST = 0.4, 3
"""Of an item's questions that find one other item: then the two are likely one matter."""
BATCH = 256

_MISHEARD = "what is heard may be either; rename one"

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A title, alias or variant, and where it stands."""

    entry: int
    at: Place
    text: str

    @property
    def is_variant(self) -> bool:
        """Names find their item exactly; only whole questions are asked again."""
        return self.at[0] == "variants"


@dataclass(frozen=True, slots=True)
class Lost:
    """A question that finds another item than its own."""

    phrase: int
    other: int
    """Number of the other item."""
    nearest: int
    """The phrase of the other item that is nearest."""
    own: float
    found: float
    """Likeness to the question's own item and to the other, 0..1."""
    same: float
    """Likeness to the nearest phrase of the other, 0..1."""

    @property
    def lead(self) -> float:
        """How far ahead the other item is."""
        return self.found - self.own

    @property
    def is_bad(self) -> bool:
        """Whether a citizen who says nearly this gets the other answer."""
        return self.same >= SAME or (self.lead >= CLEARLY and self.found >= ALIKE)


def problems(pack: Pack, encoder: Encoder) -> list[Problem]:
    """Warnings, worst first, at most `MOST` and one that says how many more there are."""
    phrases = list(_phrases(pack))
    found = [*_told(pack.entries, phrases, list(_lost(phrases, encoder))), *_sound_alike(pack)]
    if len(found) <= MOST:
        return found
    next_one = found[MOST]
    said = f"and {len(found) - MOST} more questions like these; mend those above first"
    return [*found[:MOST], Problem(next_one.file, next_one.line, said, warning=True)]


def can_say(voice: Voice) -> CanSay:
    """What no Mandarin voice can say, and what this one would drop."""

    def unsayable(text: str) -> list[str]:
        return sorted({*plain_text(text), *voice.unsayable(verbalize(text))})

    return unsayable


def _phrases(pack: Pack) -> Iterator[Phrase]:
    for number, entry in enumerate(pack.entries):
        item = resolved(entry.item, pack.site)
        yield Phrase(number, ("title",), core(item.title))
        for name, texts in (("aliases", item.aliases), ("variants", item.variants)):
            for index, text in enumerate(texts):
                yield Phrase(number, (name, index), core(text))


def _lost(phrases: Sequence[Phrase], encoder: Encoder) -> Iterator[Lost]:
    if not phrases:
        return
    texts = [phrase.text for phrase in phrases]
    vectors = encoder.encode(texts)
    overlap = Overlap([list(text) for text in texts])
    owners = np.array([phrase.entry for phrase in phrases])
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    alike: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        alike[text].append(row)
    asked = [row for row, phrase in enumerate(phrases) if phrase.is_variant and phrase.text]
    for begin in range(0, len(asked), BATCH):
        rows = asked[begin : begin + BATCH]
        meaning = np.maximum(vectors[rows] @ vectors.T, 0)
        for row, cosine in zip(rows, meaning, strict=True):
            scores = MEANING * cosine + CHARACTERS * overlap.look(list(texts[row])).cosine
            scores[alike[texts[row]]] = 0
            yield _compared(row, scores, owners, starts)


def _compared(
    row: int, scores: Scores, owners: NDArray[np.int64], starts: NDArray[np.int64]
) -> Lost:
    """The question `row` against its own item and the nearest other."""
    best = np.maximum.reduceat(scores, starts)
    own = int(owners[row])
    ends = np.append(starts[1:], len(scores))

    def likeness(item: int) -> float:
        inside = np.sort(scores[starts[item] : ends[item]])[-NEIGHBOURS:]
        inside = inside[inside > 0]
        return float(inside[-1] + inside.mean()) / 2 if len(inside) else 0.0

    mine, alone = likeness(own), not scores[starts[own] : ends[own]].any()
    best[own] = -1
    front = np.argsort(-best, kind="stable")[:8]
    other = max((int(item) for item in front), key=likeness)
    nearest = int(starts[other] + np.argmax(scores[starts[other] : ends[other]]))
    found = likeness(other)
    # An item's only question cannot find it: then only the same words elsewhere tell anything.
    return Lost(row, other, nearest, found if alone else mine, found, float(scores[nearest]))


def _told(
    entries: Sequence[Entry], phrases: Sequence[Phrase], lost: Sequence[Lost]
) -> Iterator[Problem]:
    """Pairs of items first, then single questions."""
    bad = sorted((each for each in lost if each.is_bad), key=lambda each: -each.lead)
    asked = Counter(phrase.entry for phrase in phrases if phrase.is_variant)
    pairs = Counter((phrases[each.phrase].entry, each.other) for each in bad)
    alike = {
        pair: count
        for pair, count in pairs.most_common()
        if count >= max(LOST_LEAST, LOST_SHARE * asked[pair[0]])
    }
    for (own, its_like), count in alike.items():
        said = f"{count} of {asked[own]} variants (问法) find {entries[its_like].item.id}"
        yield entries[own].problem(f"{said}; are they one matter?", "id", warning=True)
    for each in bad:
        phrase, nearest = phrases[each.phrase], phrases[each.nearest]
        if (phrase.entry, each.other) in alike:
            continue
        entry, other = entries[phrase.entry], entries[each.other].item
        variant = entry.item.variants[int(phrase.at[1])]
        said = f"variants (问法): what is said like {shown(variant)} finds {other.id}"
        why = f"{nearest.text}: {each.found:.2f}, here {each.own:.2f}"
        mend = "move it there, or add more questions like it here"
        yield entry.problem(f"{said} ({why}); {mend}", *phrase.at, warning=True)


def _sound_alike(pack: Pack) -> Iterator[Problem]:
    """Names of two items, or two words of the lexicon, that differ in writing alone."""
    known: dict[tuple[str, ...], tuple[str, str]] = {}
    for entry in pack.entries:
        names: list[tuple[Place, str]] = [(("title",), entry.item.title)]
        names += [(("aliases", i), alias) for i, alias in enumerate(entry.item.aliases)]
        for at, name in names:
            text, owner = known.setdefault(_sound(name), (core(name), entry.item.id))
            if owner != entry.item.id and text != core(name):
                where = named(type(entry.item), at)
                said = f"{where}: {shown(name)} sounds like {shown(text)} of {owner}"
                yield entry.problem(f"{said}; {_MISHEARD}", *at, warning=True)
    words: dict[tuple[str, ...], tuple[str, int]] = {}
    for index, term in enumerate(pack.lexicon):
        for word in (term.term, *term.aliases):
            text, row = words.setdefault(_sound(word), (word, index))
            if row != index and text != word:
                said = f"{shown(word)} sounds like {shown(text)} of {pack.lexicon[row].term}"
                yield pack.problem("lexicon.yaml", f"{said}; {_MISHEARD}", index, warning=True)


def _sound(name: str) -> tuple[str, ...]:
    return tuple(syllables(core(name)))
