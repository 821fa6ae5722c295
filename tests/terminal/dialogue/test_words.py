"""What people say around a question."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terminal.dialogue.words import MAX_CHARACTERS, clean, core, squeezed, visible

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=300)
"""Control characters and lone surrogates too."""


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("你好，请问社保卡丢了怎么补？", "社保卡丢了怎么补"),
        ("嗯，那个，我想问一下公积金怎么取啊", "公积金怎么取"),
        ("喂喂，同志，打听一下厕所在哪儿呀", "厕所在哪儿"),
        ("师傅，麻烦问一下，身份证到期了咋办呢，谢谢你", "身份证到期了咋办"),
        ("您好您好，办护照", "办护照"),
        ("好，我要办卡", "我要办卡"),
        ("额，额，公积金", "公积金"),
        ("社保卡", "社保卡"),
        ("W i F i密码", "w i f i密码"),
        ("wifi 密码 是多少", "wifi密码是多少"),
        ("ＷＩＦＩ", "wifi"),
        ("社 保 卡", "社保卡"),
        ("English please", "english please"),
    ],
)
def test_the_question_is_left(said: str, question: str) -> None:
    assert core(said) == question


@pytest.mark.parametrize(
    "question",
    [
        "额度怎么提",
        "额外收费吗",
        "好几年没用的卡",
        "这个月社保没交",
        "那个月的工资",
        "好评",
        "哈尔滨的社保能转吗",
        "呢绒",
    ],
)
def test_a_word_that_only_begins_like_a_filler_stays(question: str) -> None:
    assert core(question) == question


@pytest.mark.parametrize("said", ["嗯", "啊", "你好", "您好", "谢谢", "那个", "好的呀"])
def test_what_is_nothing_but_filler_is_not_emptied(said: str) -> None:
    assert core(said)


@pytest.mark.parametrize(
    "said", ["", " ", "？！。", "😀😀", "\x00\x1b", "\ud800", "\u202e\u200b", "…—"]
)
def test_what_holds_no_word_is_empty(said: str) -> None:
    assert core(said) == ""


@given(ANYTHING)
def test_any_text_comes_out_bounded_and_printable(text: str) -> None:
    for cleaned in (clean(text), core(text), squeezed(text)):
        assert len(cleaned) <= MAX_CHARACTERS
        assert cleaned == cleaned.strip()
        cleaned.encode()
        assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in cleaned)


@given(ANYTHING)
@example("天\ud800气\x00\u202e\u2028")
def test_the_visible_text_can_be_printed_on_one_line(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert all(char in shown for char in text if char.isalnum())


@given(ANYTHING)
def test_the_core_of_a_core_is_itself_or_shorter(text: str) -> None:
    assert len(core(core(text))) <= len(core(text))


def test_a_paste_is_cut_and_quickly() -> None:
    assert len(core("社保卡" * 100_000)) == MAX_CHARACTERS
    assert core("嗯" * 100_000)
