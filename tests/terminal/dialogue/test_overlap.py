"""Likeness by shared pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.dialogue.overlap import Overlap, ngrams

PHRASES = ["社保卡丢了怎么补", "公积金怎么提取", "身份证到期换领", "怎么办"]
OVERLAP = Overlap([list(phrase) for phrase in PHRASES])


def test_ngrams_are_all_runs_of_one_to_three() -> None:
    assert ["".join(run) for run in ngrams("社保卡")] == [
        "社",
        "保",
        "卡",
        "社保",
        "保卡",
        "社保卡",
    ]
    assert list(ngrams("")) == []


@pytest.mark.parametrize("row", range(len(PHRASES)))
def test_a_phrase_is_like_itself_and_less_like_others(row: int) -> None:
    scores = OVERLAP.scores(list(PHRASES[row]))
    assert scores[row] == pytest.approx(1.0, abs=1e-5)
    assert np.argmax(scores) == row
    assert (np.delete(scores, row) < 0.9).all()


def test_the_rarer_word_counts_more() -> None:
    scores = OVERLAP.scores(list("怎么公积金"))
    assert scores[1] > scores[0] > 0


def test_words_never_seen_weigh_against_every_phrase() -> None:
    alone = OVERLAP.scores(list("公积金"))
    with_more = OVERLAP.scores(list("公积金火星移民"))
    assert with_more[1] < alone[1]


def test_nothing_shared_or_nothing_asked_is_zero() -> None:
    assert not OVERLAP.scores(list("火星")).any()
    assert not OVERLAP.scores([]).any()


def test_no_phrases_is_no_trouble() -> None:
    assert Overlap([]).scores(list("社保")).shape == (0,)
    assert list(Overlap([[]]).scores(list("社保"))) == [0.0]


TEXTS = st.lists(st.text(st.sampled_from("社保卡怎么办丢了补"), max_size=8), min_size=1, max_size=6)


@given(TEXTS, st.text(st.sampled_from("社保卡怎么办火星"), max_size=8))
def test_scores_agree_with_the_definition(phrases: list[str], query: str) -> None:
    """Cosine of TF-IDF vectors, computed the slow way."""
    counts = [_counts(phrase) for phrase in [*phrases, query]]
    size = len(phrases)

    def weight(piece: tuple[str, ...], n: int) -> float:
        known_in = sum(piece in each for each in counts[:-1])
        return float((1 + np.log(n)) * (np.log((1 + size) / (1 + known_in)) + 1))

    *known, asked = [{piece: weight(piece, n) for piece, n in each.items()} for each in counts]
    expected = [_cosine(vector, asked) for vector in known]
    got = Overlap([list(phrase) for phrase in phrases]).scores(list(query))
    np.testing.assert_allclose(got, expected, atol=1e-5)


Vector = dict[tuple[str, ...], float]


def _counts(text: str) -> dict[tuple[str, ...], int]:
    pieces = list(ngrams(text))
    return {piece: pieces.count(piece) for piece in pieces}


def _cosine(one: Vector, other: Vector) -> float:
    norms = np.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return float(sum(w * other.get(p, 0.0) for p, w in one.items()) / norms) if norms else 0.0
