from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from terminal.sync.backoff import Backoff


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_waits_stay_inside_the_growing_window(draws: list[float]) -> None:
    source = iter(draws)
    backoff = Backoff(5.0, 120.0, lambda: next(source))
    window_s = 5.0
    for _ in draws:
        assert 0.5 <= backoff.next_s() <= window_s
        window_s = min(120.0, window_s * 2)


def test_a_thousand_kiosks_spread_over_the_window() -> None:
    waits = sorted(Backoff(5.0, 120.0).next_s() for _ in range(1000))
    assert waits[100] < 1.5
    assert waits[900] > 4.0


def test_success_begins_anew() -> None:
    backoff = Backoff(5.0, 120.0, lambda: 1.0)
    assert [backoff.next_s() for _ in range(6)] == [5.0, 10.0, 20.0, 40.0, 80.0, 120.0]
    backoff.reset()
    assert backoff.next_s() == 5.0
