"""Likeness by shared pieces: TF-IDF over n-grams, as an inverted index in NumPy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Piece = Hashable
LENGTHS = (1, 2, 3)


def ngrams(units: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """All runs of 1 to 3 units."""
    for length in LENGTHS:
        for start in range(len(units) - length + 1):
            yield tuple(units[start : start + length])


class Overlap:
    """Cosine of TF-IDF vectors between a query and every known phrase."""

    def __init__(self, phrases: Sequence[Sequence[str]]) -> None:
        self._size = len(phrases)
        counts = [Counter(ngrams(phrase)) for phrase in phrases]
        frequency = Counter(piece for each in counts for piece in each)
        self._idf = {p: float(np.log((1 + self._size) / (1 + n)) + 1) for p, n in frequency.items()}
        rows: dict[Piece, list[int]] = defaultdict(list)
        weights: dict[Piece, list[float]] = defaultdict(list)
        for row, each in enumerate(counts):
            vector = {piece: (1 + np.log(n)) * self._idf[piece] for piece, n in each.items()}
            norm = float(np.sqrt(sum(w * w for w in vector.values()))) or 1.0
            for piece, weight in vector.items():
                rows[piece].append(row)
                weights[piece].append(weight / norm)
        self._postings = {
            piece: (np.array(at, np.int32), np.array(weights[piece], np.float32))
            for piece, at in rows.items()
        }
        self._unseen = float(np.log(1 + self._size) + 1)

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """Cosine to each phrase, [n], 0..1. Pieces never seen weigh against every phrase."""
        total = np.zeros(self._size, np.float32)
        square = 0.0
        for piece, count in Counter(ngrams(query)).items():
            weight = float((1 + np.log(count)) * self._idf.get(piece, self._unseen))
            square += weight * weight
            if piece in self._postings:
                at, known = self._postings[piece]
                total[at] += np.float32(weight) * known
        return total / np.float32(np.sqrt(square)) if square else total
