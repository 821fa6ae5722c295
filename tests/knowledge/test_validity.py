"""The first and the last day of an answer both count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge import validity
from knowledge.schema import Provenance

FIRST, LAST = date(2026, 11, 28), date(2026, 12, 31)
DAY = timedelta(1)


def record(begins: date | None, ends: date | None) -> Provenance:
    return Provenance(
        source="s", owner="o", review_by=LAST, effective_from=begins, effective_to=ends
    )


@pytest.mark.parametrize(
    ("today", "wanted"),
    [(FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False)],
)
def test_both_days_count(today: date, wanted: bool) -> None:
    assert validity.in_force(record(FIRST, LAST), today) is wanted


@pytest.mark.parametrize("today", [date.min, FIRST, date.max])
def test_without_days_it_is_always_in_force(today: date) -> None:
    assert validity.in_force(record(None, None), today)
