"""Where somebody is from."""

from __future__ import annotations

import pytest

from terminal.dialogue import origins

HOUSEHOLD = {"local": "本市户口", "other": "外地户口"}
PARTY = {"mainland": "都是内地居民", "overseas": "有一方是港澳台、华侨或外国人"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("我四川的", "other"), ("老家的户口", "other"), ("就本地的", "local"), ("不知道", None)],
)
def test_a_household_by_its_place(text: str, value: str | None) -> None:
    assert origins.value_of(text, HOUSEHOLD) == value


def test_a_foreign_country_is_no_province() -> None:
    assert origins.value_of("她是泰国人", PARTY) == "overseas"
    assert origins.value_of("她是四川人", PARTY) is None
