"""Answer, ask back, or give up: whatever costs least."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminal.dialogue.policy import MAX_OPTIONS, costs, decide

SHARES = st.lists(st.floats(0.001, 1), min_size=1, max_size=8)


def chances_of(weights: list[float], none: float) -> list[float]:
    """Probabilities, likeliest first, that sum to 1 with `none`."""
    return sorted((w * (1 - none) / sum(weights) for w in weights), reverse=True)


@pytest.mark.parametrize(
    ("chances", "none", "decision"),
    [
        ([0.99], 0.01, "answer"),
        ([0.95, 0.03], 0.02, "answer"),
        ([0.45, 0.45, 0.05], 0.05, "ask"),
        ([0.34, 0.33, 0.32], 0.01, "ask"),
        ([0.02, 0.01], 0.97, "give up"),
        ([], 1.0, "give up"),
        ([0.0], 1.0, "give up"),
    ],
)
def test_the_clear_cases(chances: list[float], none: float, decision: str) -> None:
    assert decide(chances, none) == decision


@given(SHARES, st.floats(0, 1))
def test_the_decision_is_the_cheapest(weights: list[float], none: float) -> None:
    chances = chances_of(weights, none)
    expected = costs(chances, none)
    by_name = {"answer": expected.answer, "ask": expected.ask, "give up": expected.give_up}
    assert by_name[decide(chances, none)] == min(by_name.values())
    assert min(by_name.values()) >= 0


@given(SHARES, st.floats(0, 0.9), st.floats(0, 1))
def test_what_is_answered_is_answered_when_it_is_likelier_still(
    weights: list[float], none: float, more: float
) -> None:
    chances = chances_of(weights, none)
    assume(decide(chances, none) == "answer")
    first = chances[0] + (1 - chances[0]) * more
    left = (1 - first) / max(1 - chances[0], 1e-9)
    assert decide([first, *(c * left for c in chances[1:])], none * left) == "answer"


@given(SHARES, st.floats(0, 0.9), st.floats(0, 1))
def test_what_is_given_up_is_given_up_when_the_pack_knows_it_even_less(
    weights: list[float], none: float, more: float
) -> None:
    assume(decide(chances_of(weights, none), none) == "give up")
    less = none + (1 - none) * more
    assert decide(chances_of(weights, less), less) == "give up"


def test_only_as_many_as_are_offered_help_a_question_back() -> None:
    few = costs([0.2] * MAX_OPTIONS, 0.0)
    many = costs([0.2] * (MAX_OPTIONS + 5), 0.0)
    assert many.ask == few.ask


def test_a_wrong_answer_costs_more_than_a_question_back() -> None:
    """Else the kiosk would guess rather than ask."""
    wrong = costs([0.0], 0.0)
    assert wrong.answer > max(wrong.ask, wrong.give_up)
    assert costs([1.0], 0.0).answer == 0
    assert costs([], 1.0).give_up == 0
