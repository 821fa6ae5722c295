"""Figures of a simulation."""

from __future__ import annotations

from terminal.simulate.tally import busiest, milliseconds, rate, spread


def test_milliseconds() -> None:
    waits = [number / 1000 for number in range(1, 101)]
    assert milliseconds(waits) == {"p50": 50.5, "p95": 95.0, "p99": 99.0, "max": 100.0}
    assert milliseconds([]) == {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}


def test_busiest_second() -> None:
    assert busiest([]) == 0
    assert busiest([0.0, 0.9, 1.8, 1.9, 2.0, 5.0]) == 3


def test_spread_counts_from_when_the_broker_was_back() -> None:
    found = spread([1.0, 12.0, 10.5, 14.0], since=10.0)
    assert found["kiosks"] == 3
    assert (found["first_s"], found["p50_s"], found["last_s"]) == (0.5, 2.0, 4.0)
    assert spread([1.0], since=10.0) == {}


def test_rate_is_of_the_middle() -> None:
    steady = [number / 100 for number in range(1000)]
    assert rate([-500.0, *steady, 900.0]) == 100.0
    assert rate([1.0, 2.0]) == 0.0
