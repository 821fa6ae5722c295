"""Likeness of meaning to many known phrases: exact for a few, coarse first for many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

EXACT_UP_TO = 8_000
"""Phrases; a product with that many vectors of 256 takes under a millisecond."""
COARSE = 64
"""Dimensions of the first look: a quarter of the work, and what it blurs is looked at again. Of
the 16 likeliest items among 20,000 phrases it loses one in 700, and of the first ones none."""
SAMPLE = 20_000


class Vectors:
    """Unit rows [n, dimensions], the meaning of each phrase."""

    def __init__(self, rows: Matrix) -> None:
        self._exact: NDArray[np.float32] | NDArray[np.float16] = rows
        self._turn: Matrix | None = None
        self._coarse = rows
        if len(rows) > EXACT_UP_TO:
            self._turn = _leading(rows[:: max(1, len(rows) // SAMPLE)])
            self._coarse = np.ascontiguousarray(rows @ self._turn)
            self._exact = rows.astype(np.float16)

    def scores(self, query: Matrix) -> Matrix:
        """Cosine of `query` [dimensions] to each phrase, [n], 0..1; coarse where there are many."""
        turned = query if self._turn is None else query @ self._turn
        return np.maximum(self._coarse @ turned, 0)

    def scores_of(self, numbers: Sequence[int]) -> Matrix:
        """The same for phrases of its own, [len(numbers), n]: one product, not one for each.

        Many small ones, each on all cores, hold up whatever else works meanwhile.
        """
        queries = self._coarse[list(numbers)]
        return np.asarray(np.maximum(queries @ self._coarse.T, 0), np.float32)

    def refine(self, query: Matrix, scores: Matrix, rows: NDArray[np.intp]) -> None:
        """Put the exact cosines of `rows` into `scores`."""
        if self._turn is not None:
            scores[rows] = np.maximum(self._exact[rows].astype(np.float32) @ query, 0)


def _leading(rows: Matrix) -> Matrix:
    """The `COARSE` directions in which the phrases differ most, [dimensions, COARSE]."""
    _, directions = np.linalg.eigh(rows.T @ rows)
    return np.ascontiguousarray(directions[:, ::-1][:, :COARSE]).astype(np.float32)
