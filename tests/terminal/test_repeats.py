"""Lines that repeat."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from terminal.repeats import BURST, KINDS, WINDOW_S, Repeats


class Lines(logging.Handler):
    """What would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.lines: list[str] = []
        self.addFilter(Repeats(lambda: self.now))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines()
    log = logging.getLogger("repeats")
    log.addHandler(lines)
    yield lines
    log.removeHandler(lines)


def test_a_full_disk_is_told_a_few_times_an_hour(lines: Lines) -> None:
    log = logging.getLogger("repeats")
    for second in range(7300):
        lines.now = float(second)
        log.warning("cannot write %d", second)
    assert len(lines.lines) == 3 * BURST
    assert lines.lines[BURST] == f"cannot write 3600 (and {3600 - BURST} more like it before)"


def test_other_lines_go_on(lines: Lines) -> None:
    log = logging.getLogger("repeats")
    for _ in range(100):
        log.warning("the same")
    log.warning("another")
    log.error("the same")
    assert lines.lines == ["the same"] * BURST + ["another", "the same"]


def test_what_was_seldom_is_as_it_was(lines: Lines) -> None:
    log = logging.getLogger("repeats")
    for day in range(10):
        lines.now = day * WINDOW_S
        log.warning("device %s", "lost")
    assert lines.lines == ["device lost"] * 10


def test_ever_new_lines_do_not_fill_the_memory(lines: Lines) -> None:
    log = logging.getLogger("repeats")
    for number in range(3 * KINDS):
        log.warning(f"line {number}")  # noqa: G004 - words that differ, as a careless caller has it
    assert len(lines.lines) == 3 * KINDS
    (repeats,) = lines.filters
    assert isinstance(repeats, Repeats)
    assert len(repeats._kinds) <= KINDS
