"""Medians, tails and ratios."""

from __future__ import annotations

from terminal.bench.figures import ratio, spread


def test_spread_gives_median_and_tail() -> None:
    assert spread([float(number) for number in range(101)]) == {"p50": 50.0, "p95": 95.0}
    assert spread([]) == {"p50": 0.0, "p95": 0.0}


def test_ratio_of_nothing_is_nothing() -> None:
    assert ratio(3.0, 0.75) == 4.0
    assert ratio(3.0, 0.0) == 0.0
