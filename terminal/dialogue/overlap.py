"""Likeness by shared pieces: TF-IDF over n-grams, as an inverted index in NumPy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern

import numpy as np
from numpy.typing import NDArray

Piece = tuple[str, ...]
Rows = NDArray[np.int32]
LENGTHS = (1, 2, 3)


def ngrams(units: Sequence[str]) -> Iterable[Piece]:
    """All runs of 1 to 3 units."""
    for length in LENGTHS:
        for start in range(len(units) - length + 1):
            yield tuple(units[start : start + length])


@dataclass(frozen=True, slots=True)
class Shared:
    """What a query shares with the known phrases."""

    cosine: NDArray[np.float32]
    """To each phrase, [n], 0..1."""
    covered: NDArray[np.float32]
    """Weight of each phrase's pieces that the query has, [n], 0..1."""
    pieces: list[tuple[float, Rows]] = field(repr=False)
    """Weight of each of the query's known pieces, as a part of 1, and the phrases that have it."""

    @property
    def known(self) -> float:
        """Weight of the query's pieces that any phrase has, 0..1."""
        return sum(weight for weight, _ in self.pieces)

    def told(self, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.float32]:
        """Weight of the query's pieces that the phrases from `starts` to `ends` have together.

        [k] for k runs of rows, 0..1.
        """
        total = np.zeros(len(starts), np.float32)
        for weight, rows in self.pieces:
            held = np.searchsorted(rows, ends) > np.searchsorted(rows, starts)
            total += np.float32(weight) * held
        return total


class Overlap:
    """Cosine of TF-IDF vectors between a query and every known phrase.

    The postings lie in three flat arrays: a dictionary of small arrays would need five times
    the memory with 100,000 phrases.
    """

    def __init__(self, phrases: Sequence[Sequence[str]]) -> None:
        self._size = len(phrases)
        self._ids: dict[Piece, int] = {}
        lengths = np.zeros(len(phrases), np.int64)
        pieces: list[int] = []
        counts: list[int] = []
        for row, phrase in enumerate(phrases):
            # One object for each character, not one a place: 50 MB less with 100,000 phrases.
            found = Counter(ngrams([intern(unit) for unit in phrase]))
            lengths[row] = len(found)
            pieces += [self._ids.setdefault(piece, len(self._ids)) for piece in found]
            counts += found.values()
        piece = np.array(pieces, np.int32)
        frequency = np.bincount(piece, minlength=len(self._ids))
        self._idf = (np.log((1 + self._size) / (1 + frequency)) + 1).astype(np.float32)
        self._unseen = float(np.log(1 + self._size) + 1)
        weight = (1 + np.log(np.array(counts, np.float32))) * self._idf[piece]
        rows = np.repeat(np.arange(len(phrases), dtype=np.int32), lengths)
        norms = np.sqrt(np.bincount(rows, weight.astype(np.float64) ** 2, len(phrases)))
        weight /= np.maximum(norms, 1e-9)[rows]
        order = np.argsort(piece, kind="stable")
        self._rows: Rows = rows[order]
        self._weights: NDArray[np.float32] = weight[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(frequency)])

    def look(self, query: Sequence[str]) -> Shared:
        """Compare `query` with every phrase. Pieces never seen weigh against all of them."""
        cosine = np.zeros(self._size, np.float32)
        covered = np.zeros(self._size, np.float32)
        weighed: list[tuple[float, Rows]] = []
        square = 0.0
        for piece, count in Counter(ngrams(query)).items():
            weight = float(1 + np.log(count)) * self.idf(piece)
            square += weight * weight
            known = self._ids.get(piece)
            if known is not None:
                at = slice(self._starts[known], self._starts[known + 1])
                rows, weights = self._rows[at], self._weights[at]
                # Four times as fast as `cosine[rows] +=`, and the same: no row comes twice.
                np.add.at(cosine, rows, np.float32(weight) * weights)
                np.add.at(covered, rows, weights * weights)
                weighed.append((weight * weight, rows))
        norm = np.float32(np.sqrt(square) or 1.0)
        return Shared(cosine / norm, covered, [(w / (square or 1.0), rows) for w, rows in weighed])

    def idf(self, piece: Piece) -> float:
        """How telling a piece is; the more the rarer it is, most if it was never seen."""
        known = self._ids.get(piece)
        return self._unseen if known is None else float(self._idf[known])
