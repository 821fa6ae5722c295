"""Likeness of meaning to many known phrases."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from terminal.dialogue.vectors import COARSE, EXACT_UP_TO, Vectors

MANY, WIDTH = 10_000, 256


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return scaled


@pytest.fixture(scope="module")
def rows() -> NDArray[np.float32]:
    """Unit rows [MANY, WIDTH]: random in every direction, the hardest to see coarsely."""
    assert MANY > EXACT_UP_TO
    random = np.random.default_rng(7)
    return unit(random.standard_normal((MANY, WIDTH), np.float32))


@pytest.fixture(scope="module")
def many(rows: NDArray[np.float32]) -> Vectors:
    return Vectors(rows)


def test_a_few_are_compared_exactly(rows: NDArray[np.float32]) -> None:
    few = Vectors(rows[:50])
    for row in (0, 17, 49):
        scores = few.scores(rows[row])
        np.testing.assert_allclose(scores, np.maximum(rows[:50] @ rows[row], 0), atol=1e-6)
        before = scores.copy()
        few.refine(rows[row], scores, np.arange(50))
        np.testing.assert_array_equal(scores, before)


def test_coarse_then_exact_keeps_the_exact_best(rows: NDArray[np.float32], many: Vectors) -> None:
    random = np.random.default_rng(11)
    for target in random.integers(0, MANY, 50):
        noise = random.standard_normal(WIDTH).astype(np.float32)
        query = unit(rows[target] + 0.06 * noise)
        exact = np.maximum(rows @ query, 0)
        scores = many.scores(query)
        front = np.argsort(-scores)[:64].astype(np.intp)
        many.refine(query, scores, front)
        assert int(np.argmax(scores)) == int(np.argmax(exact)) == target
        np.testing.assert_allclose(scores[front], exact[front], atol=2e-3)


def test_rows_that_differ_in_few_directions_lose_nothing() -> None:
    """What a trained encoder's phrases are like: all of their spread fits the coarse look."""
    random = np.random.default_rng(3)
    flat = random.standard_normal((MANY, COARSE // 2), np.float32)
    turn = random.standard_normal((COARSE // 2, WIDTH), np.float32)
    rows = unit(flat @ turn)
    scores = Vectors(rows).scores(rows[5])
    np.testing.assert_allclose(scores, np.maximum(rows @ rows[5], 0), atol=1e-3)


def test_scores_are_likenesses(rows: NDArray[np.float32], many: Vectors) -> None:
    scores = many.scores(-rows[0])
    assert scores.shape == (MANY,)
    assert scores.min() >= 0
    assert scores.max() <= 1 + 1e-5
    assert not many.scores(np.zeros(WIDTH, np.float32)).any()


@pytest.mark.parametrize("count", [50, MANY])
def test_phrases_asked_together_score_as_each_alone(rows: NDArray[np.float32], count: int) -> None:
    vectors = Vectors(rows[:count])
    asked = [0, 17, 49]
    alone = [vectors.scores(rows[each]) for each in asked]
    np.testing.assert_allclose(vectors.scores_of(asked), alone, atol=1e-5)
