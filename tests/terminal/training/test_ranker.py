"""What the ranker is trained on, and what is reported of it."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest

from models.training.ranker import Examples
from terminal.training import draws
from terminal.training.draws import ASKED, HEARD, KEPT, draw
from terminal.training.report import outcomes
from terminal.training.sources import Heard, Matter, Source

PHRASES = tuple(f"第{number}种说法" for number in range(24))
MATTERS = {f"item.{n}": Matter((f"事项{n}",), PHRASES) for n in range(40)}
RECORDED = {
    (name, phrase): [Heard("clean", (phrase,), -0.1)] * 3 for name in MATTERS for phrase in PHRASES
}
SOURCE = Source("hall", MATTERS, RECORDED)


def known_of_an_item(seed: int) -> Counter[str]:
    known, _ = draw(SOURCE, [], Random(seed))
    return Counter(phrase.item for phrase in known if not phrase.name)


def test_some_draws_are_of_poor_packs_and_some_of_rich_ones() -> None:
    means = [np.mean(list(known_of_an_item(seed).values())) for seed in range(20)]
    assert min(means) < 4
    assert max(means) > 10
    for seed in range(5):
        assert set(known_of_an_item(seed).values()) <= {count for kind in KEPT for count in kind}


def test_nothing_that_is_asked_is_known() -> None:
    known, asked = draw(SOURCE, [], Random(1))
    told = {(phrase.item, phrase.text) for phrase in known}
    recorded = [each for each in asked if each.log_probability < 0]
    assert recorded
    assert not any((each.meant, each.readings[0]) in told for each in recorded)


def test_of_a_matter_only_so_much_is_asked() -> None:
    _, asked = draw(SOURCE, [], Random(2))
    for kinds, most in ((False, ASKED), (True, HEARD)):
        of = Counter(q.meant for q in asked if q.meant and (q.log_probability < 0) == kinds)
        assert max(of.values()) == most


def test_a_matter_left_out_means_nothing_and_weighs_less() -> None:
    known, asked = draw(SOURCE, ["讲个笑话"] * 50, Random(3))
    there = {phrase.item for phrase in known}
    assert there == {each.meant for each in asked if each.meant is not None}
    missing = [each for each in asked if each.meant is None and each.log_probability < 0]
    assert {each.weight for each in missing} == {draws.SPOKEN * draws.MISSING}


def judged(chances: list[float], meant: int) -> tuple[bool, ...]:
    """inside, right, wrong, asked, first, three."""
    part = Examples(
        np.zeros((1, 3, 1), np.float32),
        np.ones((1, 3), np.float32),
        np.zeros((1, 1), np.float32),
        np.array([meant]),
        np.ones(1, np.float32),
    )
    found = outcomes(part, np.array([chances], np.float32))
    each = (found.inside, found.right, found.wrong, found.asked, found.first, found.three)
    return tuple(bool(value[0]) for value in each)


@pytest.mark.parametrize(
    ("chances", "meant", "expected"),
    [
        ([0.97, 0.01, 0.01, 0.01], 0, (True, True, False, False, True, True)),
        ([0.97, 0.01, 0.01, 0.01], 1, (True, False, True, False, False, True)),
        ([0.45, 0.45, 0.05, 0.05], 1, (True, False, False, True, False, True)),
        ([0.97, 0.01, 0.01, 0.01], 3, (False, False, True, False, False, False)),
        ([0.01, 0.01, 0.01, 0.97], 3, (False, False, False, False, False, False)),
    ],
)
def test_what_becomes_of_a_question(
    chances: list[float], meant: int, expected: tuple[bool, ...]
) -> None:
    assert judged(chances, meant) == expected
