"""Personal numbers out, however they are spelled; window numbers and prices stay."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.dialogue.redaction import MASK, redact, redact_unfinished


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我的身份证号是110101199003071234", f"我的身份证号是{MASK}"),
        ("身份证11010119900307123X，帮我查", f"身份证{MASK}，帮我查"),
        ("身份证幺幺零幺零幺 一九九零零三零七 幺二三叉", f"身份证{MASK}"),
        ("卡号 6222 0212 3456 7890 123", f"卡号 {MASK}"),
        ("卡号6222-0212-3456-7890", f"卡号{MASK}"),
        ("我电话13800138000", f"我电话{MASK}"),
        ("幺三八，零零幺三，八零零零", MASK),
        ("一三八嗯零零一三那个八零零零", MASK),
        ("一三八然后是零零一三", MASK),
        ("+86 138 0013 8000", f"+{MASK}"),
        ("０１０－１２３４５６７８", MASK),
        ("壹叁捌零零壹叁捌", MASK),
        ("①③⑧⓪", "①③⑧⓪"),
        ("①③⑧①③⑧", MASK),
        ("١٣٨٠٠١٣٨", MASK),
        ("1\u200b3\u200b8\u200b0\u200b0\u200b1", MASK),
        ("1*3*8*0*0*1", MASK),
        ("1 3 8\n0 0 1", MASK),
        ("验证码4471", f"验证码{MASK}"),
        ("验证码是 四四七幺", f"验证码是 {MASK}"),
        ("验证码：4-4-7-1", f"验证码：{MASK}"),
        ("我的密码好像是1234", f"我的密码好像是{MASK}"),
        ("两个号13800138000和62220212345", f"两个号{MASK}和{MASK}"),
    ],
)
def test_personal_numbers_are_masked(said: str, shown: str) -> None:
    assert redact(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "打12333问问",
        "2026年",
        "二零二六年三月",
        "5万元",
        "五万两千块",
        "3号窗口",
        "12至15号窗口",
        "社保卡",
        "一张两寸照片",
        "身份证一九年办的",
        "下午1点到5点",
        "24小时",
        "15年还差3年",
        "第三套房",
        "六十五岁",
        "95588",
        "A区12号",
        "密码忘了，3号窗口能办吗",
        "",
    ],
)
def test_ordinary_numbers_stay(said: str) -> None:
    assert redact(said) == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我的号是110", f"我的号是{MASK}"),
        ("一三八零零", MASK),
        ("我的号是138，嗯", f"我的号是{MASK}"),
        ("去3号窗口", "去3号窗口"),
        ("交了5", "交了5"),
        ("号是13800138000", f"号是{MASK}"),
        ("社保卡", "社保卡"),
    ],
)
def test_speech_that_may_go_on_hides_the_first_digits_of_a_number(said: str, shown: str) -> None:
    assert redact_unfinished(said) == shown


SPELLINGS = [
    *("零〇○洞0０٠", "一壹幺1１①", "二贰两2２②", "三叁3３③", "四肆4４④"),
    *("五伍5５⑤", "六陆6６⑥", "七柒拐7７⑦", "八捌8８⑧", "九玖勾9９⑨", "xX叉Ｘ"),
]
DIGITS = {char: value for value, chars in enumerate(SPELLINGS) for char in chars}
BETWEEN = [
    "",
    "",
    " ",
    "  ",
    "，",
    "、",
    "-",
    "—",
    ".",
    "\n",
    "嗯",
    "那个",
    "呃 ",
    "，然后",
    "杠",
    "\u200b",
]
SPELLED = st.tuples(st.sampled_from(sorted(DIGITS)), st.sampled_from(BETWEEN)).map("".join)
PIECES = st.lists(SPELLED, min_size=6, max_size=20)
NUMBER = PIECES.map("".join)
AROUND = st.text(st.sampled_from("我的身份证号码电话卡是办帮看看，。！ 社保"), max_size=10)


def longest_run(text: str) -> int:
    """Digits in a row, read by Unicode and the table above, fillers taken out."""
    for filler in ("那个", "然后", "嗯", "呃", "杠"):
        text = text.replace(filler, "")
    run = longest = 0
    for char in text:
        digit = char in DIGITS or unicodedata.digit(char, None) is not None
        ends = not digit and unicodedata.category(char)[0] in "LNM"
        run = run + 1 if digit else 0 if ends else run
        longest = max(longest, run)
    return longest


@given(AROUND, NUMBER, AROUND)
def test_no_long_number_survives_in_any_spelling(before: str, number: str, after: str) -> None:
    assert longest_run(number) >= 6
    shown = redact(before + number + after)
    assert longest_run(shown) == 0
    assert MASK in shown


@given(AROUND, PIECES, AROUND, st.integers(0, 20))
def test_no_part_of_it_survives_while_it_is_being_said(
    before: str, number: list[str], after: str, end: int
) -> None:
    assert longest_run(redact_unfinished(before + "".join(number[:end]))) <= 1
    assert longest_run(redact_unfinished(before + "".join(number) + after)) == 0


@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_any_text_is_taken_and_a_second_time_changes_nothing(text: str) -> None:
    once = redact(text)
    assert longest_run(once) < 6
    assert redact(once) == once


@given(st.text(st.characters(categories=["Lo", "Po"]), max_size=40))
def test_text_without_digits_is_left_alone(text: str) -> None:
    if longest_run(text) == 0 and "密码" not in text:
        assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 50_000 + "人",
        "12345人" * 20_000,
        "1的" * 50_000,
        "密码" * 50_000,
        "1" + " " * 100_000,
    ],
)
def test_a_hostile_length_is_no_delay(text: str) -> None:
    began = time.perf_counter()
    redact_unfinished(text)
    assert time.perf_counter() - began < 5
