"""Lamp, button, brightness and printer: by the running kiosk's word, or tried."""

from __future__ import annotations

from pathlib import Path

from provisioning.doctor import peripherals
from provisioning.doctor.peripherals import judged, tried
from provisioning.doctor.subject import Subject
from terminal.config import DevicesSection, ScreenSettings, Settings
from terminal.device_faults import Condition, Peripheral

WANTED = DevicesSection(lamp="led:none-here", printer="usb:0416:5011")


def untried(part: Peripheral, _wanted: DevicesSection) -> Condition:
    raise AssertionError(f"{part}: the running kiosk holds it")


def test_a_running_kiosk_is_asked_and_its_devices_left_alone() -> None:
    told = {
        "lamp": {"state": "on", "detail": ""},
        "printer": {"state": "fault", "detail": "打印机缺纸：换上新纸卷"},
    }
    lamp, printer = judged(WANTED, told, untried)
    assert (lamp.id, lamp.verdict) == ("peripherals.lamp", "ok")
    assert (printer.id, printer.verdict) == ("peripherals.printer", "warn")
    assert (printer.found, printer.mend) == ("打印机缺纸", "换上新纸卷")


def test_a_kiosk_that_still_loads_has_not_looked_yet() -> None:
    told = {"lamp": {"state": "off", "detail": ""}}
    assert [row.verdict for row in judged(WANTED, told, untried)] == ["note", "note"]


def test_without_a_running_kiosk_they_are_tried() -> None:
    rows = judged(WANTED, None, lambda part, _wanted: Condition("on"))
    assert [row.verdict for row in rows] == ["ok", "ok"]


def test_what_is_not_there_is_a_warning_in_chinese(tmp_path: Path) -> None:
    wanted = DevicesSection(
        lamp="led:none-here",
        button="gpio:none",
        backlight="panel:none-here",
        printer=f"file:{tmp_path}/none/lp0",
    )
    rows = {row.id: row for row in judged(wanted, None, tried)}
    assert {row.verdict for row in rows.values()} == {"warn"}
    assert rows["peripherals.lamp"].found == "没有找到状态灯（led:none-here）"
    assert "写错了" in rows["peripherals.button"].found
    assert rows["peripherals.backlight"].found == "没有找到屏幕亮度（panel:none-here）"
    assert rows["peripherals.printer"].found == "打印机没有应答"


def test_a_kiosk_without_any_needs_none() -> None:
    [row] = peripherals.look(Subject(Settings(screen=ScreenSettings(port=1)), 0.0))
    assert (row.verdict, row.mend) == ("note", "")
