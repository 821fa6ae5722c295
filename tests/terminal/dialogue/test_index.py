"""Finding the known questions that may be meant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models.base import Encoder
from terminal.dialogue.index import Candidates, Index, Phrase, likeness_of
from tests.fakes import FakeEncoder

PHRASES = [
    Phrase("card", "社保卡丢了怎么补"),
    Phrase("fund", "公积金怎么提取"),
    Phrase("card", "补办社保卡", name=True),
    Phrase("toilet", "厕所在哪"),
    Phrase("fund", "取公积金", name=True),
    Phrase("card", "社保卡挂失"),
]


class BlindEncoder:
    """Sees no meaning at all: characters and sound must do."""

    dimensions = 8

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(sentences), 8), np.float32)

    def states(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        return self.encode(sentences)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(PHRASES, FakeEncoder())


def found(index: Index, *readings: str, limit: int = 10) -> list[str]:
    """Items, likeliest first."""
    return [str(index.items[each]) for each in index.candidates(readings, limit).items]


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
def test_every_phrase_finds_its_own_item(index: Index, phrase: Phrase) -> None:
    candidates = index.candidates([phrase.text], 3)
    assert index.items[candidates.items[0]] == phrase.item
    likeness = candidates.readings[0].likeness
    assert likeness.max() == pytest.approx(1.0, abs=1e-4)
    assert index.phrases[int(likeness.argmax())].text == phrase.text


def test_each_item_comes_once_and_likeliest_first(index: Index) -> None:
    assert sorted(found(index, "社保卡")) == ["card", "fund", "toilet"]
    assert found(index, "社保卡")[0] == "card"
    candidates = index.candidates(["社保卡怎么取"], 10)
    assert mean_likeness(candidates) == sorted(mean_likeness(candidates), reverse=True)


def mean_likeness(candidates: Candidates) -> list[float]:
    likeness = candidates.readings[0].likeness
    spans = zip(candidates.starts, candidates.ends, strict=True)
    return [likeness_of(likeness[start:end]) for start, end in spans]


def test_an_items_rows_are_its_own_phrases(index: Index) -> None:
    candidates = index.candidates(["公积金"], 10)
    for item, start, end in zip(candidates.items, candidates.starts, candidates.ends, strict=True):
        rows = index.phrases[start:end]
        assert {phrase.item for phrase in rows} == {index.items[item]}
        assert len(rows) == sum(phrase.item == index.items[item] for phrase in PHRASES)
        assert list(index.names[start:end]) == [phrase.name for phrase in rows]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_limit_is_kept(index: Index, limit: int) -> None:
    assert len(found(index, "社保卡", limit=limit)) == limit


@pytest.mark.parametrize("readings", [[], [""], ["  "], ["？！"], ["😀", ""]])
def test_no_words_find_nothing(index: Index, readings: list[str]) -> None:
    candidates = index.candidates(readings, 5)
    assert (list(candidates.readings), len(candidates.items)) == ([], 0)
    assert index.nearest_phrases("".join(readings)) == []


def test_no_phrases_find_nothing() -> None:
    class Empty(FakeEncoder):
        """An empty matrix, as the real encoder gives."""

    index = Index([], Empty())
    assert len(index.candidates(["社保卡"], 5).items) == 0
    assert index.nearest_phrases("社保卡") == []
    assert index.exact("社保卡") is None


def test_the_phrases_with_some_words_in_them(index: Index) -> None:
    assert {phrase.text for phrase in index.having("社保卡")} == {
        "社保卡丢了怎么补",
        "补办社保卡",
        "社保卡挂失",
    }
    assert list(index.having("保社")) == []
    assert list(index.having("火星")) == []


def test_exact_forgives_fillers_and_punctuation(index: Index) -> None:
    assert index.exact("你好，请问厕所在哪啊？") == "toilet"
    assert index.exact("厕所") is None
    assert index.exact("") is None


def test_what_sounds_alike_is_found_without_meaning() -> None:
    index = Index(PHRASES, BlindEncoder())
    assert found(index, "娶弓鸡巾")[0] == "fund"


def test_another_reading_may_be_the_right_one(index: Index) -> None:
    assert found(index, "厕所在哪", "厕所在那")[0] == "toilet"
    assert found(index, "嘘嘘嘘", "公积金怎么提取")[0] == "fund"


def test_readings_without_words_or_said_twice_are_left_out(index: Index) -> None:
    readings = index.candidates(["公积金", "公积金。", "", "？", "供给金"], 5).readings
    assert [reading.text for reading in readings] == ["公积金", "供给金"]


def test_nearest_phrases_are_of_different_items(index: Index) -> None:
    item_of = {phrase.text: phrase.item for phrase in PHRASES}
    near = index.nearest_phrases("社保卡丢了")
    assert {item_of[text] for text, _ in near} == {"card", "fund", "toilet"}
    assert near[0][0] == "社保卡丢了怎么补"
    assert all(0 <= likeness <= 1 + 1e-5 for _, likeness in near)
    assert [text for text, _ in index.nearest_phrases("社保卡丢了", limit=1)] == [near[0][0]]


def test_the_order_of_phrases_does_not_matter(index: Index) -> None:
    turned = Index(PHRASES[::-1], FakeEncoder())
    for text in ("社保卡", "公积金", "厕所", "办事"):
        assert found(turned, text) == found(index, text)


def test_one_stray_phrase_wins_less_often() -> None:
    """Six near phrases are worth more than one that is a little nearer."""
    stray = likeness_of(np.array([0.9, 0.1, 0.1, 0.1, 0.1, 0.1], np.float32))
    steady = likeness_of(np.array([0.85] * 6, np.float32))
    assert steady > stray
    assert likeness_of(np.array([0.7], np.float32)) == pytest.approx(0.7)


def test_in_many_phrases_the_exact_one_is_found() -> None:
    """So many that the first look is a coarse one."""
    words = "社保卡公积金护照居住身份证户口结婚登记办理补领换挂失取查询"
    texts = {
        "".join(words[(n * step + 3 * n * n) % len(words)] for step in range(1, 8)) + str(n)
        for n in range(8_500)
    }
    phrases = [Phrase(f"item.{n % 400}", text) for n, text in enumerate(sorted(texts))]
    index = Index(phrases, FakeEncoder())
    for phrase in phrases[::850]:
        assert phrase.item in found(index, phrase.text, limit=5)


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
    assert found(Index(PHRASES, encoder), asked)[0] == item
