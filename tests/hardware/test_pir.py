"""Motion sensors: levels as they are, and one clear line where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import KioskError
from hardware.pir import file_pir, open_pir
from terminal.virtual_time import run
from tests.hardware.pins import pins

__all__ = ["pins"]


def test_a_pin_is_read_as_it_is(pins: Any) -> None:
    pir = open_pir("gpio:17")

    async def main() -> list[bool]:
        levels: list[bool] = []
        async for level in pir.levels():
            levels.append(level)
            if len(levels) == 4:
                break
            pins.pin(17).drive_high() if len(levels) == 1 else None
            pins.pin(17).drive_low() if len(levels) == 3 else None
        return levels

    assert run(main()) == [False, True, True, False]


def test_a_pin_that_is_not_there_is_told(pins: Any) -> None:
    with pytest.raises(KioskError, match="no pin 999 here"):
        open_pir("gpio:999")


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
