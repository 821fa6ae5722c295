"""Answer, ask back, or give up: whatever is expected to cost the citizen least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Decision = Literal["answer", "ask", "give up"]

MAX_OPTIONS = 3
WRONG = 10.0
"""A wrong answer: a walk to the wrong window, the wrong papers, a second day off work."""
STRAYED = 20.0
"""An answer where the hall has none: nothing in it can be right, and nobody looks further."""
ASKED = 2.5
"""One question back: some five seconds, and for the unsure one more thing to decide."""
ASKED_IN_VAIN = 3.0
"""A question back with the right one not among its options."""
GIVEN_UP = 6.0
"""Sent to a telephone or to staff although the kiosk had the answer."""
SENT_AWAY = 0.0
"""Sent there because it had none."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Expected, in units of which a wrong answer costs ten."""

    answer: float
    ask: float
    give_up: float


def costs(chances: Sequence[float], none: float) -> Costs:
    """Of the three decisions, from the candidates' probabilities, likeliest first."""
    first = chances[0] if chances else 0.0
    offered = sum(chances[:MAX_OPTIONS])
    return Costs(
        answer=max(0.0, 1 - first - none) * WRONG + none * STRAYED,
        ask=ASKED + (1 - offered) * ASKED_IN_VAIN,
        give_up=(1 - none) * GIVEN_UP + none * SENT_AWAY,
    )


def decide(chances: Sequence[float], none: float) -> Decision:
    """The cheapest decision; an answer when two cost the same."""
    expected = costs(chances, none)
    if expected.answer <= min(expected.ask, expected.give_up):
        return "answer"
    return "ask" if expected.ask <= expected.give_up else "give up"
