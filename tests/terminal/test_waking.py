"""The phrase by its sound, and the verdict on both witnesses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.waking import (
    CLEAR,
    PHRASE,
    Look,
    find,
    similarity,
    verdict,
    verdict_on_words,
    without_phrase,
)


@pytest.mark.parametrize(
    "heard",
    ["你好小政", "您好小政", "你好，小郑", "您好小郑。", "你好小正", "你好啊小政", "喂你好小政"],
)
def test_what_sounds_like_the_phrase_is_the_phrase(heard: str) -> None:
    assert similarity(heard, PHRASE) > 0.95


@pytest.mark.parametrize(
    "heard",
    [
        "你好小王",
        "你好小张",
        "你好小陈",
        "你好小李",
        "小郑你好",
        "小政",
        "你好",
        "你好小",
        "你好小静",
        "我想问一下公积金",
        "",
    ],
)
def test_near_misses_come_out_lower(heard: str) -> None:
    assert similarity(heard, PHRASE) < CLEAR


def test_worse_words_come_out_worse() -> None:
    order = ["你好小政", "你好小真", "你好小张", "你好小王", "小郑你好", "厕所在哪儿"]
    found = [similarity(each, PHRASE) for each in order]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)


@given(st.text(max_size=60))
def test_any_text_has_a_similarity_and_an_end_inside_it(heard: str) -> None:
    found = find(heard, PHRASE)
    assert 0.0 <= found.similarity <= 1.0
    assert 0 <= found.end <= len(heard)


@given(st.floats(0, 1))
def test_neither_witness_is_enough_alone(sure: float) -> None:
    assert not verdict_on_words(sure, 0.0)
    assert not verdict_on_words(0.0, sure)


def test_both_are_enough_together() -> None:
    assert verdict_on_words(0.6, 1.0)
    assert verdict_on_words(0.95, 0.8)
    assert not verdict_on_words(0.4, similarity("你好小王", PHRASE))


def test_words_that_cannot_be_read_are_no_witness() -> None:
    assert not verdict_on_words(0.8, None)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_never_makes_it_less_likely(score: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert verdict_on_words(score, high) >= verdict_on_words(score, low)
    assert verdict_on_words(high, score) >= verdict_on_words(low, score)


@pytest.mark.parametrize(
    ("heard", "question"),
    [
        ("你好小政社保卡怎么补", "社保卡怎么补"),
        ("您好，小郑，社保卡怎么补？", "社保卡怎么补？"),
        ("喂，你好小政，厕所在哪儿", "厕所在哪儿"),
        ("你好小政你好小政厕所在哪儿", "厕所在哪儿"),
        ("你好小政。", ""),
        ("社保卡怎么补", None),
        ("你好，社保卡怎么补", None),
        ("你好小张，社保卡怎么补", None),
        ("我找一下你好小政", None),
        ("", None),
    ],
)
def test_the_question_is_what_is_behind_the_phrase(heard: str, question: str | None) -> None:
    assert without_phrase(heard, PHRASE) == question


@pytest.mark.parametrize(
    ("heard", "question"),
    [
        ("你好小张社保卡怎么补", "社保卡怎么补"),
        ("好小政社保卡怎么补", "社保卡怎么补"),
        ("那行，我问问，你好小政社保卡怎么补", "社保卡怎么补"),
        ("社保卡怎么补", None),
    ],
)
def test_where_it_was_heard_for_certain_it_is_found_more_easily(
    heard: str, question: str | None
) -> None:
    assert without_phrase(heard, PHRASE, known=True) == question


def test_another_phrase_is_as_good() -> None:
    assert similarity("小安小安", "小安小安") == 1.0
    assert without_phrase("小安小安我要取钱", "小安小安") == "我要取钱"
    assert similarity("小王小王", "小安小安") < CLEAR


@pytest.mark.parametrize("score", [0.0, 0.3, 0.9, 1.0])
def test_a_check_has_the_last_word(score: float) -> None:
    assert verdict(score, Look(check=6.0))
    assert not verdict(score, Look(check=-6.0))


def test_a_surer_detector_needs_less_of_the_check() -> None:
    between = [verdict(score, Look(check=0.0)) for score in (0.05, 0.3, 0.7, 0.99)]
    assert between == sorted(between)
    assert between[0] != between[-1]


def test_without_a_check_the_words_decide() -> None:
    assert verdict(0.95, Look(similarity=1.0)) == verdict_on_words(0.95, 1.0)
    assert not verdict(1.0, Look())
