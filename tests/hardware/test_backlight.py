"""Brightness: a folder like the kernel's, and a program in ddcutil's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import KioskError
from hardware.backlight import Monitor, open_backlight


def test_a_panel_is_set_in_its_own_steps_and_never_dark(tmp_path: Path) -> None:
    folder = tmp_path / "rpi_backlight"
    folder.mkdir()
    (folder / "max_brightness").write_text("31\n")
    panel = open_backlight("panel", tmp_path)
    panel.set(50)
    assert (folder / "brightness").read_text() == "16"
    panel.set(1)
    assert (folder / "brightness").read_text() == "1"


def test_a_monitor_is_told_over_its_cable(tmp_path: Path) -> None:
    program = tmp_path / "ddcutil"
    program.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/said\n')
    program.chmod(0o755)
    Monitor(2, str(program)).set(30)
    assert (tmp_path / "said").read_text() == "--display 2 setvcp 10 30\n"
    program.write_text("#!/bin/sh\necho Display not found >&2\nexit 1\n")
    with pytest.raises(KioskError, match="ddcutil: Display not found"):
        Monitor(2, str(program)).set(30)
    with pytest.raises(KioskError, match="needs ddcutil"):
        Monitor(2, str(tmp_path / "none")).set(30)


def test_what_is_not_there_and_what_means_nothing(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="nothing in") as told:
        open_backlight("panel", tmp_path)
    assert told.value.code == "missing"
    with pytest.raises(KioskError, match="panel:NAME") as told:
        open_backlight("sun", tmp_path)
    assert told.value.code == "input"
