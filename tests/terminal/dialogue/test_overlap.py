"""Likeness by shared pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.dialogue.overlap import Overlap, characters, ngrams, sounds

PHRASES = ["社保卡丢了怎么补", "公积金怎么提取", "身份证到期换领", "怎么办"]
OVERLAP = Overlap([list(phrase) for phrase in PHRASES])
SPANS = np.arange(4), np.arange(1, 5)
"""Each phrase is an item of its own."""


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


def test_units_are_characters_and_latin_words() -> None:
    assert characters("wifi密码 is 12") == ["wifi", "密", "码", "is", "1", "2"]
    assert characters("how do i") == ["how", "do", "i"]
    assert characters("") == sounds("") == []
    assert sounds("wifi公积金") == ["wifi", *sounds("公积金")]
    assert sounds("公积金") == sounds("攻击金")


def test_english_sentences_share_words_and_not_letters() -> None:
    known = Overlap([characters("where is the toilet"), characters("how do i renew my passport")])
    assert not known.look(characters("other weather")).cosine.any()
    assert known.look(characters("renew passport")).cosine[1] > 0.2


@pytest.mark.parametrize("row", range(len(PHRASES)))
def test_a_phrase_is_like_itself_and_less_like_others(row: int) -> None:
    scores = OVERLAP.look(list(PHRASES[row])).cosine
    assert scores[row] == pytest.approx(1.0, abs=1e-5)
    assert np.argmax(scores) == row
    assert (np.delete(scores, row) < 0.9).all()


def test_the_rarer_word_counts_more() -> None:
    scores = OVERLAP.look(list("怎么公积金")).cosine
    assert scores[1] > scores[0] > 0


def test_words_never_seen_weigh_against_every_phrase() -> None:
    alone = OVERLAP.look(list("公积金")).cosine
    with_more = OVERLAP.look(list("公积金火星移民")).cosine
    assert with_more[1] < alone[1]


@pytest.mark.parametrize("query", ["火星", ""])
def test_nothing_shared_or_nothing_asked_is_zero(query: str) -> None:
    shared = OVERLAP.look(list(query))
    assert not shared.cosine.any()
    assert not shared.covered.any()
    assert shared.known == 0
    assert not shared.told(*SPANS).any()


def test_no_phrases_is_no_trouble() -> None:
    shared = Overlap([]).look(list("社保"))
    assert (shared.cosine.shape, shared.covered.shape) == ((0,), (0,))
    assert list(Overlap([[]]).look(list("社保")).cosine) == [0.0]


def test_covered_is_how_much_of_a_phrase_was_said() -> None:
    whole = OVERLAP.look(list("我的社保卡丢了怎么补办呢")).covered
    assert whole[0] == pytest.approx(1.0, abs=1e-5)
    part = OVERLAP.look(list("社保卡")).covered
    assert 0 < part[0] < 0.6
    assert part[1] == part[2] == 0


def test_known_is_how_much_of_the_question_any_phrase_has() -> None:
    assert OVERLAP.look(list("公积金怎么提取")).known == pytest.approx(1.0)
    half = OVERLAP.look(list("公积金火星")).known
    assert 0 < half < 1
    assert OVERLAP.look(list("公积金火星移民")).known < half


def test_told_is_how_much_of_the_question_an_item_has_among_all_its_phrases() -> None:
    """Here the first two phrases are one item's, and the others another's."""
    starts, ends = np.array([0, 2]), np.array([2, 4])
    shared = OVERLAP.look(list("社保卡公积金"))
    both, other = shared.told(starts, ends)
    alone = shared.told(*SPANS)
    assert both == pytest.approx(alone[0] + alone[1], abs=1e-6)
    assert other == 0
    assert shared.told(np.array([0]), np.array([4]))[0] == pytest.approx(shared.known, abs=1e-6)


def test_what_is_told_twice_counts_once() -> None:
    shared = OVERLAP.look(list("怎么"))
    assert shared.told(np.array([0]), np.array([4]))[0] == pytest.approx(1.0, abs=1e-6)


def test_held_is_which_pieces_an_item_has() -> None:
    shared = OVERLAP.look(list("公积金丢了"))
    held = shared.held(*SPANS)
    assert held.shape == (len(shared.rows), 4) == (len(shared.weights), 4)
    assert shared.weights @ held == pytest.approx(shared.told(*SPANS), abs=1e-6)
    single = shared.lengths == 1
    assert held[single].sum(axis=0).tolist() == [2, 3, 0, 0]
    assert set(shared.lengths.tolist()) == {1, 2, 3}


def test_the_rarest_piece_is_the_one_that_fewest_phrases_have() -> None:
    shared = OVERLAP.look(list("怎么公"))
    assert shared.rarity[: len("怎")].tolist() < shared.rarity[2:3].tolist()
    assert np.all((shared.rarity > 0) & (shared.rarity < 1))


def test_units_known_leaves_longer_pieces_out() -> None:
    """Each character is known, though not in this order."""
    shared = OVERLAP.look(list("金积公"))
    assert shared.units_known == pytest.approx(1.0)
    assert shared.known < 0.9
    assert OVERLAP.look(list("金火")).units_known < 0.6
    assert OVERLAP.look([]).units_known == 0


def test_having_finds_the_phrases_with_all_the_words() -> None:
    assert OVERLAP.having(list("怎么")).tolist() == [0, 1, 3]
    assert OVERLAP.having(list("积金怎")).tolist() == [1]
    assert OVERLAP.having(list("积金怎么提取")).tolist() == [1]
    assert OVERLAP.having(list("怎么火星")).tolist() == []
    assert OVERLAP.having([]).tolist() == []


def test_a_piece_never_seen_is_the_most_telling() -> None:
    assert OVERLAP.idf(("火",)) > OVERLAP.idf(("社",)) > OVERLAP.idf(("怎", "么"))


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
    shared = Overlap([list(phrase) for phrase in phrases]).look(list(query))
    np.testing.assert_allclose(shared.cosine, expected, atol=1e-5)
    for share in (shared.covered, [shared.known]):
        assert np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1 + 1e-5))


Vector = dict[tuple[str, ...], float]


def _counts(text: str) -> dict[tuple[str, ...], int]:
    pieces = list(ngrams(text))
    return {piece: pieces.count(piece) for piece in pieces}


def _cosine(one: Vector, other: Vector) -> float:
    norms = np.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return float(sum(w * other.get(p, 0.0) for p, w in one.items()) / norms) if norms else 0.0
