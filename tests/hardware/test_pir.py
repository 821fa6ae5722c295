"""Motion sensors: levels as they are, and one clear line where there is none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import KioskError
from hardware.pir import _gpio, file_pir, open_pir
from terminal.virtual_time import run


class Board:
    """Stands in for gpiozero."""

    def __init__(self, *values: int) -> None:
        self._values = list(values)
        self.pin = 0

    def DigitalInputDevice(self, pin: int) -> Board:  # noqa: N802 - gpiozero's name
        if not self._values:
            raise OSError("GPIO busy")
        self.pin = pin
        return self

    @property
    def value(self) -> int:
        return self._values.pop(0)


def first(pir: Any, count: int) -> list[bool]:
    async def main() -> list[bool]:
        levels: list[bool] = []
        async for level in pir.levels():
            levels.append(level)
            if len(levels) == count:
                break
        return levels

    return run(main())


def test_a_pin_is_read_as_it_is() -> None:
    board = Board(0, 1, 1, 0)
    assert first(_gpio(board, 17), 4) == [False, True, True, False]
    assert board.pin == 17


def test_a_pin_that_is_not_there_is_told() -> None:
    with pytest.raises(KioskError, match="no pin 17 here"):
        _gpio(Board(), 17)


def test_a_file_is_read_until_it_is_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text("1\n")

    async def main() -> list[bool]:
        levels: list[bool] = []
        async for level in file_pir(file).levels():
            levels.append(level)
            if len(levels) == 2:
                file.write_text("0\n")
            if len(levels) == 4:
                file.unlink()
        return levels

    assert run(main()) == [True, True, False, False]


@pytest.mark.parametrize("name", ["gpio:", "gpio:x", "no/such/file"])
def test_a_name_that_means_nothing_is_bad_input(name: str) -> None:
    with pytest.raises(KioskError, match="presence") as told:
        open_pir(name)
    assert told.value.code == "input"


@pytest.mark.skipif(find_spec("gpiozero") is not None, reason="gpiozero is installed here")
def test_without_the_library_the_line_says_what_to_do() -> None:
    with pytest.raises(KioskError, match="gpiozero") as told:
        open_pir("gpio:17")
    assert told.value.code == "missing"
