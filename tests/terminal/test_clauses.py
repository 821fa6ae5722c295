"""Where an answer is cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.clauses import FIRST_LONGEST, LONGEST, brief, clauses

MARKS = "。！？!?；;\n，,、：:"
ANY_TEXT = st.text(
    st.sampled_from("社保卡带身份证12abAB 。，！？、；：,.:?!\n\t“”（）￥%9:30"), max_size=80
)


def solid(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(ANY_TEXT | st.text(max_size=60))
def test_no_character_is_lost_or_moved(text: str) -> None:
    assert solid("".join(clauses(text))) == solid(text)


@given(ANY_TEXT)
def test_no_clause_is_blank(text: str) -> None:
    assert all(clause.strip() for clause in clauses(text))


WORDS = st.text(st.sampled_from("社保卡带身份证到窗口补办"), min_size=1, max_size=12)
SENTENCES = st.lists(st.tuples(WORDS, st.sampled_from("，。、；？")), min_size=1, max_size=8).map(
    lambda parts: "".join(word + mark for word, mark in parts)
)


@given(SENTENCES)
def test_with_punctuation_no_clause_is_long_and_the_first_is_short(text: str) -> None:
    first, *others = clauses(text)
    assert len(first) <= FIRST_LONGEST
    assert all(len(clause) <= LONGEST for clause in others)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", []),
        ("  \n ", []),
        ("好的。", ["好的。"]),
        ("带身份证到窗口", ["带身份证到窗口"]),
        ("好的，请到3号窗口。", ["好的，请到3号窗口。"]),
        (
            "先打12333挂失，再带身份证到一楼A区3号窗口补办，当场就能拿新卡。",
            ["先打12333挂失，", "再带身份证到一楼A区3号窗口补办，当场就能拿新卡。"],
        ),
        ("可以。不收费。", ["可以。", "不收费。"]),
        ("办公时间：上午9:00到12:00，下午1:30到5:00。", None),
        (
            "The toilet is on the first floor, at the end of the east corridor. It is free.",
            [
                "The toilet is on the first floor,",
                "at the end of the east corridor.",
                "It is free.",
            ],
        ),
        (
            "Open 9 a.m. to 12 noon and 1:30 p.m. to 5 p.m. Ask Mr. Wang.",
            ["Open 9 a.m. to 12 noon and 1:30 p.m. to 5 p.m.", "Ask Mr. Wang."],
        ),
        ("Yes, it is. Go to www.abc.gov.cn now.", ["Yes, it is.", "Go to www.abc.gov.cn now."]),
        ("用支付宝，WiFi，APP。", ["用支付宝，WiFi，APP。"]),
        ("房屋登记费一共是一千块，1,000,000元以上另算。", None),
    ],
)
def test_examples(text: str, cut: list[str] | None) -> None:
    found = clauses(text)
    assert solid("".join(found)) == solid(text)
    if cut is not None:
        assert found == cut


@pytest.mark.parametrize("number", ["1,000,000", "9:30", "12:00"])
@pytest.mark.parametrize("before", range(30))
def test_a_number_is_never_cut(number: str, before: int) -> None:
    found = clauses(f"{'费' * before}，{number}元。")
    assert any(number in clause for clause in found)


def test_a_clause_without_punctuation_stays_whole() -> None:
    assert clauses("社" * 100) == ["社" * 100]


def test_a_long_page_is_cut_quickly() -> None:
    assert len(clauses("社保卡，" * 20_000)) > 1000


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("请到3号窗口。", "请到3号窗口。"),
        ("请到3号窗口。带身份证。周末不办。", "请到3号窗口。"),
        ("请到3号窗口。带身份证。您是本人办吗？", "请到3号窗口。您是本人办吗？"),
        ("您要问的是哪一个？", "您要问的是哪一个？"),
        ("Go to window 3. Bring your card.", "Go to window 3. Bring your card."),
        ("", ""),
    ],
)
def test_in_brief_the_answer_stays_and_the_question_behind_it(text: str, short: str) -> None:
    assert brief(text) == short
