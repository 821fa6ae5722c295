"""Staff are told in Chinese what is wrong with a device, and what to do."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hardware.backlight import open_backlight
from hardware.lamp import SysfsLamp, open_lamp
from terminal.device_faults import PRINTER, of_error
from terminal.errors import KioskError


def test_a_lamp_that_is_not_there_is_absent(tmp_path: Path) -> None:
    with pytest.raises(KioskError) as raised:
        open_lamp("led:ACT", tmp_path)
    found = of_error("lamp", "led:ACT", raised.value)
    assert found.state == "absent"
    assert found.detail == "没有找到状态灯（led:ACT）：检查接线和设置 [devices] lamp"


def test_a_lamp_that_goes_while_it_shines_is_absent(tmp_path: Path) -> None:
    for name in ("brightness", "trigger"):
        (tmp_path / name).touch()
    lamp = SysfsLamp(tmp_path)
    with pytest.raises(OSError, match="max_brightness") as raised:
        lamp.show("attentive")
    assert of_error("lamp", "led:ACT", raised.value).state == "absent"


def test_a_wrong_name_is_the_settings_fault() -> None:
    with pytest.raises(KioskError) as raised:
        open_backlight("gpio:4")
    found = of_error("backlight", "gpio:4", raised.value)
    assert (found.state, "[devices] backlight" in found.detail) == ("fault", True)


@pytest.mark.parametrize(
    ("number", "state", "word"),
    [
        (errno.EACCES, "fault", "没有权限"),
        (errno.EPERM, "fault", "没有权限"),
        (errno.ENODEV, "absent", "没有找到"),
        (errno.EIO, "fault", "出错"),
    ],
)
def test_what_the_kernel_says(number: int, state: str, word: str) -> None:
    found = of_error("backlight", "panel", OSError(number, "no"))
    assert (found.state, word in found.detail) == (state, True)


def test_rights_that_a_library_missed_are_told_as_such() -> None:
    error = KioskError("missing", "devices.button: no pin 5 here (no)")
    error.__cause__ = PermissionError(errno.EACCES, "no")
    assert "没有权限" in of_error("button", "gpio:5", error).detail


def test_a_printer_says_what_it_wants() -> None:
    assert PRINTER["ready"].state == "on"
    assert (PRINTER["paper_out"].state, "缺纸" in PRINTER["paper_out"].detail) == ("fault", True)
    assert PRINTER["cover_open"].state == "fault"
    assert PRINTER["offline"].state == "absent"
