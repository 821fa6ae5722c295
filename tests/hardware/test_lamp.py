"""The status lamp on mock pins and in a folder like the kernel's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import KioskError
from hardware.lamp import PATTERNS, open_lamp
from tests.hardware.pins import pins

__all__ = ["pins"]


def test_an_led_shines_steadily_blinks_and_goes_dark(pins: Any) -> None:
    lamp = open_lamp("gpio:17")
    pin = pins.pin(17)
    lamp.show("attentive")
    assert pin.state == 1
    lamp.show("off")
    assert pin.state == 0
    pin.clear_states()
    lamp.show("out_of_service")
    while len(pin.states) < 4:
        pass
    assert [each.state for each in pin.states[:4]] == [0, 1, 0, 1]
    lamp.close()


def test_three_pins_are_three_colours(pins: Any) -> None:
    lamp = open_lamp("gpio:17,27,22")
    lamp.show("attentive")
    assert [pins.pin(number).state for number in (17, 27, 22)] == list(PATTERNS["attentive"].color)
    lamp.close()


def test_the_kernel_s_led_is_told_to_blink_by_itself(tmp_path: Path) -> None:
    folder = tmp_path / "ACT"
    folder.mkdir()
    for name in ("brightness", "trigger"):
        (folder / name).write_text("0")
    (folder / "max_brightness").write_text("255\n")
    lamp = open_lamp("led:ACT", tmp_path)
    lamp.show("thinking")
    assert (folder / "trigger").read_text() == "timer"
    assert (folder / "delay_on").read_text() == "250"
    lamp.show("attentive")
    assert (folder / "trigger").read_text() == "none"
    assert (folder / "brightness").read_text() == "255"
    lamp.close()
    assert (folder / "brightness").read_text() == "0"


def test_one_that_is_not_there_is_told(tmp_path: Path, pins: Any) -> None:
    with pytest.raises(KioskError, match="no such LED") as told:
        open_lamp("led:NONE", tmp_path)
    assert told.value.code == "missing"
    with pytest.raises(KioskError, match="no pin 999 here") as told:
        open_lamp("gpio:999")
    assert told.value.code == "missing"


@pytest.mark.parametrize("name", ["gpio:", "gpio:1,2", "led:../x", "lava"])
def test_a_name_that_means_nothing_is_bad_input(name: str) -> None:
    with pytest.raises(KioskError, match=r"devices\.lamp") as told:
        open_lamp(name)
    assert told.value.code == "input"
