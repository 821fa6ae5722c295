"""How words sound, loosely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sounds import fold, syllables


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("公积金", "攻击金"),
        ("社保", "设宝"),
        ("注册", "组册"),
        ("牛奶", "流来"),
        ("户口", "付口"),
        ("身份证", "生分正"),
        ("上班", "桑搬"),
        ("成立", "陈里"),
    ],
)
def test_what_is_misheard_sounds_alike(one: str, other: str) -> None:
    assert syllables(one) == syllables(other)


@pytest.mark.parametrize(
    ("one", "other"), [("开户", "销户"), ("挂失", "激活"), ("补", "办"), ("存", "取"), ("丢", "修")]
)
def test_what_is_another_word_sounds_different(one: str, other: str) -> None:
    assert syllables(one) != syllables(other)


def test_other_characters_stand_for_themselves() -> None:
    assert syllables("VIP 3号") == ["V", "I", "P", "3", "hao"]


def test_nothing_sounds_like_nothing() -> None:
    assert syllables("") == []
    assert syllables("  \n") == []


@pytest.mark.parametrize(
    ("syllable", "folded"),
    [
        ("zhang", "zan"),
        ("chi", "ci"),
        ("shi", "si"),
        ("ning", "lin"),
        ("feng", "hen"),
        ("fu", "hu"),
        ("er", "er"),
    ],
)
def test_folding(syllable: str, folded: str) -> None:
    assert fold(syllable) == folded
    assert fold(folded) == folded


@given(st.text(max_size=40))
def test_any_text_has_syllables_without_blanks(text: str) -> None:
    assert all(each.strip() for each in syllables(text))
