"""Whose matter it is."""

from __future__ import annotations

import pytest

from terminal.dialogue import persons
from terminal.dialogue.persons import Who

ACTS_FOR = {"self": "给自己开", "child": "给孩子开", "proxy": "替别人开"}
OF_AGE = {"adult": "满16岁了", "child": "没满16岁"}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("我自己的", "self"),
        ("我的", "self"),
        ("我闺女的", "child"),
        ("我闺女都二十六岁了", "grown"),
        ("替我丈母娘", "grown"),
        ("不是我的，是我外孙的", "child"),
        ("今天人多", None),
    ],
)
def test_who_is_named(text: str, who: Who | None) -> None:
    assert persons.who(text) == who


@pytest.mark.parametrize(
    ("whom", "value"), [("self", "self"), ("child", "child"), ("grown", "proxy")]
)
def test_a_slot_that_asks_for_whom(whom: Who, value: str) -> None:
    roles = persons.roles(ACTS_FOR)
    assert roles is not None
    assert roles.of(whom) == value


@pytest.mark.parametrize(
    ("whom", "value"), [("self", "adult"), ("child", "child"), ("grown", "adult")]
)
def test_a_slot_that_asks_for_the_age(whom: Who, value: str) -> None:
    roles = persons.roles(OF_AGE)
    assert roles is not None
    assert roles.of(whom) == value


@pytest.mark.parametrize(
    "labels",
    [
        {"flexible": "自己缴费的", "employee": "有单位的职工"},
        {"mother": "随妈妈", "father": "随爸爸"},
    ],
)
def test_a_slot_that_asks_something_else(labels: dict[str, str]) -> None:
    assert persons.roles(labels) is None
