"""Amounts as people say them, and the values of a slot that they answer."""

from __future__ import annotations

import pytest

from terminal.dialogue import amounts
from terminal.dialogue.amounts import Unit

MONEY = {"small": "不超过五万", "large": "超过五万", "unknown": "不清楚"}
AGE = {"adult": "满16岁了", "child": "没满16岁"}
EXPIRY = {"soon": "还没到期", "late": "过期不到一年", "void": "过期一年以上"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三十五", 35),
        ("两万五", 25_000),
        ("三四十", 30),
        ("一百零六", 106),
        ("1.5万", 15_000),
        ("十几万", 130_000),
    ],
)
def test_numerals_are_read(text: str, number: float) -> None:
    assert amounts.number(text) == number


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("也就四万来块吧", "yuan", 40_000),
        ("有个七八千块", "yuan", 7_000),
        ("我外甥九岁", "year of age", 9),
        ("我小子十四", "year of age", 14),
        ("还在上幼儿园", "year of age", 5),
        ("过期俩月了", "month", 2),
        ("还有三个月到期", "month", -3),
        ("过了两年", "month", 24),
    ],
)
def test_amounts_are_found(text: str, unit: Unit, amount: float) -> None:
    assert amounts.amount_in(text, unit) == amount


def test_an_ordinal_is_no_age() -> None:
    assert amounts.amount_in("第一次", "year of age") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("四万块", "small"),
        ("五万", "small"),
        ("没有五万", "small"),
        ("五万多一点", "large"),
        ("五万以上", "large"),
        ("二十来万", "large"),
        ("不清楚", None),
    ],
)
def test_an_amount_answers_by_the_bounds(text: str, value: str | None) -> None:
    assert amounts.value_of(text, MONEY) == value


@pytest.mark.parametrize(
    ("text", "value"), [("十五了", "child"), ("满十六", "adult"), ("五十多", "adult")]
)
def test_an_age_answers_by_the_bounds(text: str, value: str) -> None:
    assert amounts.value_of(text, AGE) == value


@pytest.mark.parametrize(
    ("text", "value"), [("还有俩月", "soon"), ("过期半年了", "late"), ("过了三年了", "void")]
)
def test_a_time_that_is_left_is_not_a_time_that_is_over(text: str, value: str) -> None:
    assert amounts.value_of(text, EXPIRY) == value


def test_values_without_bounds_take_no_amount() -> None:
    assert amounts.value_of("三万块", {"have": "在手里", "lost": "丢了"}) is None
