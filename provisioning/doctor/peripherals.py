"""Are lamp, button, brightness and printer there, where the settings name one?

A running kiosk holds them, and is asked; else each is opened for a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fleet.errors import KioskError
from hardware.backlight import open_backlight
from hardware.button import open_button
from hardware.lamp import open_lamp
from hardware.printer import open_printer
from provisioning.doctor import running
from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject
from terminal import device_faults
from terminal.config import DevicesSection
from terminal.device_faults import NAMES, ON, Condition, Peripheral

Try = Callable[[Peripheral, DevicesSection], Condition]


def look(subject: Subject) -> Iterator[Row]:
    """One row for each that is set up."""
    wanted = subject.settings.devices
    if not wanted.named:
        yield Row("peripherals", "note", "外接设备", "没有配置状态灯、按钮、亮度和打印机")
        return
    yield from judged(wanted, running.health(subject.settings.screen), tried)


def judged(wanted: DevicesSection, told: Mapping[str, Any] | None, attempt: Try) -> Iterator[Row]:
    """`told`: /health of the running kiosk; None where none runs. `attempt`: opens one."""
    for part, source in wanted.named.items():
        if told is None:
            condition = attempt(part, wanted)
            yield judge(part, source, condition.state, condition.detail)
        else:
            own = told.get(part, {})
            yield judge(part, source, str(own.get("state", "")), str(own.get("detail", "")))


def judge(part: Peripheral, source: str, state: str, detail: str) -> Row:
    """None of them keeps the kiosk from serving: the worst is a warning."""
    row_id, title = f"peripherals.{part}", NAMES[part]
    figures = {"source": source, "state": state}
    match state:
        case "on":
            return Row(row_id, "ok", title, "找到了，可以用", "", figures)
        case "absent" | "fault":
            found, _, mend = detail.partition("：")
            return Row(row_id, "warn", title, found, mend or "检查接线", figures)
        case _:
            mend = "等服务程序启动完再查；一直这样时重启服务程序"
            return Row(row_id, "note", title, "服务程序还没有打开它", mend, figures)


def tried(part: Peripheral, wanted: DevicesSection) -> Condition:
    """Open it; nothing is printed, and the lamp is dark again afterwards."""
    source = wanted.named[part]
    try:
        match part:
            case "lamp":
                lamp = open_lamp(source)
                lamp.show("idle")
                lamp.close()
            case "button":
                asyncio.run(_press_nothing(source))
            case "backlight":
                open_backlight(source).set(wanted.bright)
            case "printer":
                state = open_printer(source, wanted.paper_mm, wanted.printer_text).state()
                return device_faults.PRINTER[state]
    except (KioskError, OSError) as error:
        return device_faults.of_error(part, source, error)
    return ON


async def _press_nothing(source: str) -> None:
    open_button(source).close()
