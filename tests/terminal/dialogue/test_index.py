"""Finding the nearest known question."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.base import Encoder
from terminal.dialogue.index import Index, Phrase
from tests.fakes import FakeEncoder

PHRASES = [
    Phrase("card", "社保卡丢了怎么补"),
    Phrase("fund", "公积金怎么提取"),
    Phrase("card", "补办社保卡"),
    Phrase("toilet", "厕所在哪"),
    Phrase("fund", "取公积金"),
    Phrase("card", "社保卡挂失"),
]


class BlindEncoder:
    """Sees no meaning at all: characters and sound must do."""

    dimensions = 8

    def encode(self, sentences: list[str]) -> NDArray[np.float32]:
        return np.zeros((len(sentences), 8), np.float32)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(PHRASES, FakeEncoder())


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
def test_every_phrase_finds_its_own_item(index: Index, phrase: Phrase) -> None:
    first = index.search([phrase.text])[0]
    assert (first.item, first.phrase) == (phrase.item, phrase.text)
    assert first.nearest == pytest.approx(1.0, abs=1e-4)


def test_each_item_comes_once_and_best_first(index: Index) -> None:
    matches = index.search(["社保卡"], limit=10)
    assert matches[0].item == "card"
    assert sorted(match.item for match in matches) == ["card", "fund", "toilet"]
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= match.score <= match.nearest + 1e-6 <= 1.001 for match in matches)


def test_the_limit_is_kept(index: Index) -> None:
    assert len(index.search(["社保卡"], limit=2)) == 2


@pytest.mark.parametrize("text", ["", "  ", "？！", "😀"])
def test_no_words_find_nothing(index: Index, text: str) -> None:
    assert index.search([text]) == []
    assert index.search([]) == []


def test_exact_forgives_fillers_and_punctuation(index: Index) -> None:
    assert index.exact("你好，请问厕所在哪啊？") == "toilet"
    assert index.exact("厕所") is None


def test_what_sounds_alike_is_found_without_meaning() -> None:
    index = Index(PHRASES, BlindEncoder())  # type: ignore[arg-type]
    assert index.search(["娶弓鸡巾"])[0].item == "fund"


def test_another_reading_helps_but_the_first_counts_more(index: Index) -> None:
    helped = index.search(["什么什么怎么提取", "公积金怎么提取"])[0]
    alone = index.search(["什么什么怎么提取"])[0]
    assert helped.item == "fund"
    assert helped.score > alone.score
    assert index.search(["厕所在哪", "公积金怎么提取"])[0].item == "toilet"


def test_the_same_reading_twice_changes_nothing(index: Index) -> None:
    assert index.search(["公积金", "公积金。", "公积金"]) == index.search(["公积金"])


def test_nearest_phrases_are_of_different_items(index: Index) -> None:
    item_of = {phrase.text: phrase.item for phrase in PHRASES}
    assert {item_of[text] for text in index.nearest_phrases("社保卡丢了")} == {
        "card",
        "fund",
        "toilet",
    }
    assert index.nearest_phrases("社保卡丢了", limit=1) == ["社保卡丢了怎么补"]


def test_the_order_of_phrases_does_not_matter(index: Index) -> None:
    turned = Index(PHRASES[::-1], FakeEncoder())
    for text in ("社保卡", "公积金", "厕所", "办事"):
        assert [(m.item, round(m.score, 5)) for m in turned.search([text])] == [
            (m.item, round(m.score, 5)) for m in index.search([text])
        ]


@pytest.mark.models
@pytest.mark.parametrize(
    ("asked", "item"),
    [
        ("社会保障卡不见了要重新弄一张", "card"),
        ("我想把住房公积金拿出来", "fund"),
        ("卫生间怎么走", "toilet"),
        ("射保卡掉了", "card"),
    ],
)
def test_with_the_real_encoder_other_words_for_it_are_found(
    encoder: Encoder, asked: str, item: str
) -> None:
    assert Index(PHRASES, encoder).search([asked])[0].item == item
