from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fleet.errors import KioskError
from provisioning.doctor.check import Check, chosen, examine
from provisioning.doctor.row import Row, summary
from provisioning.doctor.subject import Subject
from terminal.config import Settings

SUBJECT = Subject(Settings(), now=0.0)
GOOD = Row("good", "ok", "好", "好")


def good(_subject: Subject) -> Iterator[Row]:
    yield GOOD


def breaks(_subject: Subject) -> Iterator[Row]:
    yield Row("breaks.first", "note", "先", "有")
    raise ZeroDivisionError("by nought")


def test_a_check_that_breaks_is_one_failure_and_the_next_is_made() -> None:
    rows = list(examine([Check("breaks", "坏", breaks), Check("good", "好", good)], SUBJECT))
    assert [(row.id, row.verdict) for row in rows] == [
        ("breaks.first", "note"),
        ("breaks", "fail"),
        ("good", "ok"),
    ]
    assert rows[1].figures["error"] == "ZeroDivisionError: by nought"


def test_a_check_that_hangs_is_left_behind() -> None:
    go_on = threading.Event()

    def hangs(_subject: Subject) -> Iterator[Row]:
        go_on.wait(20)
        yield GOOD

    checks = [Check("hangs", "挂", hangs, limit_s=0.1), Check("good", "好", good)]
    rows = list(examine(checks, SUBJECT))
    go_on.set()
    assert [(row.id, row.verdict) for row in rows] == [("hangs", "fail"), ("good", "ok")]


def test_checks_are_chosen_by_id() -> None:
    checks = [Check("a", "甲", good, quick=True), Check("b", "乙", good)]
    assert [c.id for c in chosen(checks, only=[], skip=[], quick=True)] == ["a"]
    assert [c.id for c in chosen(checks, only=["b"], skip=[], quick=True)] == ["b"]
    assert [c.id for c in chosen(checks, only=[], skip=["a"], quick=False)] == ["b"]
    with pytest.raises(KioskError, match="no check 'c': choose of a, b"):
        chosen(checks, only=["c"], skip=[], quick=False)


def test_the_summary_counts_and_has_the_worst() -> None:
    rows = [GOOD, Row("x", "warn", "", ""), Row("y", "ok", "", "")]
    assert summary(rows) == {"verdict": "warn", "ok": 2, "note": 0, "warn": 1, "fail": 0}
    assert summary([])["verdict"] == "ok"
