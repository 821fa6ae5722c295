"""Work on many things at once."""

from __future__ import annotations

import time

import pytest

from terminal.training.abreast import AHEAD, abreast


def test_it_keeps_the_order_whatever_takes_long() -> None:
    def work(number: int) -> int:
        time.sleep(0.002 * (number % 3 == 0))
        return 2 * number

    count = 2 * AHEAD + 3
    assert list(abreast(work, iter(range(count)))) == [2 * number for number in range(count)]
    assert list(abreast(work, [])) == []


def test_it_takes_no_more_than_it_needs() -> None:
    things = iter(range(10 * AHEAD))
    assert next(abreast(lambda number: number, things)) == 0
    assert next(things) <= 2 * AHEAD


def test_an_error_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        list(abreast(lambda number: 1 // number, [2, 0]))
