"""Scores of answered questions, worked out by hand."""

from __future__ import annotations

import pytest

from knowledge.schema import Case
from terminal.bench.outcomes import Asked, Said, Tally, calibration, calibration_error


def asked(case: Case, said: Said, *ranked: str, ms: float = 1.0) -> Asked:
    return Asked(case, said, ranked, ms)


CARD = Case(id="1", text="丢卡", outcome="answered", answer_id="card")
STAFF = Case(id="2", text="叫人", outcome="handoff", answer_id="control.handoff")
BROAD = Case(id="3", text="社保", outcome="clarify", options=["card", "fund"])
WEATHER = Case(id="4", text="下雨吗", outcome="unknown")


def test_right_is_the_wanted_answer_or_where_there_is_none_the_wanted_outcome() -> None:
    assert asked(CARD, Said("answered", "card")).right
    assert not asked(CARD, Said("answered", "fund")).right
    assert not asked(CARD, Said("clarify", options=("card",))).right
    # A rival knows items, not outcomes.
    assert asked(STAFF, Said("answered", "control.handoff")).right
    assert asked(BROAD, Said("clarify", options=("fund",))).right
    assert not asked(BROAD, Said("answered", "card")).right
    assert asked(WEATHER, Said("unknown")).right
    assert not asked(WEATHER, Said("clarify", options=("card",))).right


def test_figures_tell_answers_questions_back_and_strays_apart() -> None:
    tally = Tally(
        [
            asked(CARD, Said("answered", "card"), "card", "fund", ms=1),
            asked(CARD, Said("answered", "fund"), "fund", "toilet", "card", ms=2),
            asked(CARD, Said("clarify", options=("fund", "card")), "fund", "card", ms=3),
            asked(CARD, Said("clarify", options=("fund",)), "fund", "a", "b", "card", ms=4),
            asked(BROAD, Said("unknown"), "card", ms=5),
            asked(WEATHER, Said("unknown"), "card", ms=6),
            asked(WEATHER, Said("answered", "card"), "card", ms=7),
        ]
    )
    found = tally.figures()
    assert found["questions"] == 5
    assert found["right"] == 0.2
    # Of the four that have one answer.
    assert (found["first"], found["three"]) == (0.25, 0.75)
    assert (found["answered"], found["wrong"], found["asked_back"]) == (0.4, 0.2, 0.4)
    assert found["asked_back_rightly"] == 0.5
    assert found["given_up"] == 0.2
    assert (found["outside"], found["declined"], found["strayed"]) == (2, 0.5, 0.5)
    assert found["ms"] == {"p50": 4.0, "p95": 6.7}


def test_no_questions_give_zeros() -> None:
    found = Tally().figures()
    assert (found["right"], found["strayed"]) == (0.0, 0.0)


def test_calibration_compares_what_was_said_with_what_was_true() -> None:
    bands = calibration(
        [
            asked(CARD, Said("answered", "card", confidence=1.0)),
            asked(CARD, Said("answered", "fund", confidence=0.96)),
            # Of a question back, the confidence is that one of the options is meant.
            asked(CARD, Said("clarify", options=("card",), confidence=0.75)),
            asked(WEATHER, Said("unknown", confidence=0.75)),
            asked(CARD, Said("empty")),
        ]
    )
    assert [(band.low, band.count, band.right) for band in bands] == [(0.7, 2, 1.0), (0.95, 2, 0.5)]
    assert [band.said for band in bands] == pytest.approx([0.75, 0.98])
    assert calibration_error(bands) == pytest.approx((2 * 0.25 + 2 * 0.48) / 4)
    assert calibration_error([]) == 0.0
