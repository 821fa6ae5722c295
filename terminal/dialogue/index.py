"""Finding the known questions that may be meant: by meaning, by characters and by sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import Encoder
from terminal.dialogue.overlap import Overlap, Shared, characters, sounds
from terminal.dialogue.usual import SAMPLE, usual
from terminal.dialogue.vectors import Vectors
from terminal.dialogue.words import core

MEANING, CHARACTERS, SOUND = 1.0, 0.5, 0.5
"""Weights of the three cosines in a first look. Meaning alone finds paraphrases; characters hold
on to the trade's own words; sound survives a recogniser that writes 攻击金 for 公积金."""
NEIGHBOURS = 6
"""An item's likeness is the mean of its nearest phrase and of its six nearest: one stray variant
of another item then wins far less often (right at first 92.5 % -> 96.9 % of 424 questions)."""
AT_ONCE = 32
"""Phrases compared with all others in one product; of 100,000 that is 13 MB."""
SHORTLIST = 4
"""Times the wanted number of items are looked at exactly."""

Rows = NDArray[np.intp]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to ask for an item."""

    item: str
    text: str
    name: bool = False
    """A title or alias, where a variant is a whole question."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of what was said, compared with every known phrase."""

    text: str
    meaning: Scores
    """Cosine, [n], 0..1."""
    characters: Shared
    sound: Shared

    @property
    def likeness(self) -> Scores:
        """The three together, [n], 0..1."""
        total = (
            MEANING * self.meaning + CHARACTERS * self.characters.cosine + SOUND * self.sound.cosine
        )
        return np.asarray(total / (MEANING + CHARACTERS + SOUND), np.float32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The items that may be meant, likeliest first, and how each reading fits them."""

    readings: Sequence[Reading]
    """Best first."""
    items: Rows
    """[k], numbers of items."""
    starts: Rows
    ends: Rows
    """[k]: an item's phrases are the rows from `starts` to `ends`."""


class Index:
    """All phrases of a pack. A query costs about 3 ms a reading."""

    def __init__(self, phrases: Sequence[Phrase], encoder: Encoder) -> None:
        self._encoder = encoder
        # Phrases of one item stand together, so that an item is a slice.
        phrases = sorted(phrases, key=lambda phrase: phrase.item)
        self.phrases = phrases
        texts = [core(phrase.text) for phrase in phrases]
        self._vectors = Vectors(encoder.encode(texts))
        self._characters = Overlap([characters(text) for text in texts])
        self._sounds = Overlap([sounds(text) for text in texts])
        self._exact = {text: phrase.item for text, phrase in zip(texts, phrases, strict=True)}
        self.names = np.array([phrase.name for phrase in phrases], np.bool_)
        self.items, starts = np.unique([phrase.item for phrase in phrases], return_index=True)
        self._starts: Rows = starts.astype(np.intp)
        self._ends: Rows = np.append(starts[1:], len(phrases)).astype(np.intp)
        self.usual = usual(self._asked_of_itself(texts))
        """How alike this pack's phrases are: found in a fifth of a second."""

    def having(self, words: str) -> Iterator[Phrase]:
        """The phrases that have these words in them."""
        for row in self._characters.having(characters(words)):
            if words in self.phrases[row].text:
                yield self.phrases[row]

    def _asked_of_itself(self, texts: Sequence[str]) -> Iterator[tuple[float, float]]:
        """Some phrases' likeness to their own item, and to the likeliest other one."""
        counts = self._ends - self._starts
        item_of = np.repeat(np.arange(len(counts)), counts)
        rows = np.flatnonzero(~self.names & (counts[item_of] > 1))
        if len(counts) < 2:
            return
        asked = rows[:: max(1, len(rows) // SAMPLE)]
        for row, meaning in self._meanings(asked):
            likeness = self._reading(texts[row], meaning).likeness
            start, end = self._starts[item_of[row]], self._ends[item_of[row]]
            own = likeness_of(np.delete(likeness[start:end], row - start))
            likeness[start:end] = 0
            other = self._likeliest(likeness, 1)[0]
            yield own, likeness_of(likeness[self._starts[other] : self._ends[other]])

    def _meanings(self, rows: Rows) -> Iterator[tuple[int, Scores]]:
        """Of each row, its phrase's likeness in meaning to every phrase."""
        for begin in range(0, len(rows), AT_ONCE):
            some = [int(row) for row in rows[begin : begin + AT_ONCE]]
            yield from zip(some, self._vectors.scores_of(some), strict=True)

    def _read(self, text: str, vector: Scores) -> Reading:
        return self._reading(text, self._vectors.scores(vector))

    def _reading(self, text: str, meaning: Scores) -> Reading:
        return Reading(
            text,
            meaning,
            self._characters.look(characters(text)),
            self._sounds.look(sounds(text)),
        )

    def exact(self, text: str) -> str | None:
        """The item that has this very question among its phrases."""
        return self._exact.get(core(text))

    def candidates(self, readings: Sequence[str], limit: int) -> Candidates:
        """The `limit` likeliest items. `readings`: the best one, then others of the same sound."""
        texts = [text for text in dict.fromkeys(core(each) for each in readings) if text]
        vectors = self._encoder.encode(texts)
        read = [self._read(text, vector) for text, vector in zip(texts, vectors, strict=True)]
        if not read or not len(self.items):
            none = np.zeros(0, np.intp)
            return Candidates([], none, none, none)
        self._refine(read, vectors, limit * SHORTLIST)
        items = self._likeliest(np.max([each.likeness for each in read], axis=0), limit)
        return Candidates(read, items, self._starts[items], self._ends[items])

    def nearest_phrases(self, text: str, limit: int = 6) -> list[tuple[str, float]]:
        """The known questions nearest to `text`, each of another item, with their likeness."""
        found = self.candidates([text], limit)
        if not found.readings:
            return []
        likeness = found.readings[0].likeness
        spans = zip(found.starts, found.ends, strict=True)
        rows = [start + int(np.argmax(likeness[start:end])) for start, end in spans]
        return [(self.phrases[row].text, float(likeness[row])) for row in rows]

    def _refine(self, read: Sequence[Reading], vectors: Scores, limit: int) -> None:
        """Exact cosines where the coarse ones put an item near the front."""
        for reading, vector in zip(read, vectors, strict=True):
            best = np.maximum.reduceat(reading.likeness, self._starts)
            front = np.argpartition(-best, min(limit, len(best)) - 1)[:limit]
            spans = zip(self._starts[front], self._ends[front], strict=True)
            rows = np.concatenate([np.arange(start, end) for start, end in spans])
            self._vectors.refine(vector, reading.meaning, rows)

    def _likeliest(self, likeness: Scores, limit: int) -> Rows:
        best = np.maximum.reduceat(likeness, self._starts)
        front = np.argpartition(-best, min(limit * SHORTLIST, len(best)) - 1)[: limit * SHORTLIST]
        spans = zip(self._starts[front], self._ends[front], strict=True)
        mean = np.array([likeness_of(likeness[start:end]) for start, end in spans])
        return np.asarray(front[np.argsort(-mean, kind="stable")[:limit]], np.intp)


def likeness_of(scores: Scores) -> float:
    """An item's likeness, from that of its phrases."""
    nearest = np.sort(scores)[-NEIGHBOURS:]
    # As `nearest.mean()`, which takes three times as long over six numbers.
    return float(nearest[-1] + np.add.reduce(nearest) / len(nearest)) / 2
