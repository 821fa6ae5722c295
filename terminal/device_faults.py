"""What is wrong with a lamp, a button, a screen's brightness or a printer, in staff's words.

The library's own words are for the log: they are English, and name pins and files.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from hardware.printer import PrinterState
from terminal.errors import KioskError

Peripheral = Literal["lamp", "button", "backlight", "printer"]
PERIPHERALS: tuple[Peripheral, ...] = get_args(Peripheral)
NAMES: Mapping[Peripheral, str] = {
    "lamp": "状态灯", "button": "按钮", "backlight": "屏幕亮度", "printer": "打印机",
}  # fmt: skip
GONE = frozenset((errno.ENOENT, errno.ENODEV, errno.ENXIO))
DENIED = frozenset((errno.EACCES, errno.EPERM))


@dataclass(frozen=True, slots=True)
class Condition:
    """Of one device."""

    state: Literal["on", "absent", "fault"]
    """absent: not found, or it does not answer; fault: it is there, and cannot be used."""
    detail: str = ""
    """What staff do about it."""


ON = Condition("on")
PRINTER: Mapping[PrinterState, Condition] = {
    "off": Condition("absent", "打印机没有打开"),
    "ready": ON,
    "paper_out": Condition("fault", "打印机缺纸：换上新纸卷"),
    "cover_open": Condition("fault", "打印机的盖子没有合上：合上盖子"),
    "offline": Condition("absent", "打印机没有应答：检查电源和连接线"),
}


def of_error(part: Peripheral, source: str, error: KioskError | OSError) -> Condition:
    """What opening or using it has raised. `source`: as the settings name it."""
    named = f"{NAMES[part]}（{source}）"
    if isinstance(error, KioskError) and error.code == "input":
        return Condition("fault", f"{named}的设置写错了：改 [devices] {part} 后重新安装")
    cause = error if isinstance(error, OSError) else error.__cause__
    number = cause.errno if isinstance(cause, OSError) else None
    if number in DENIED:
        return Condition("fault", f"没有权限使用{named}：重新安装，再重启机器")
    if isinstance(error, KioskError) or number in GONE:
        return Condition("absent", f"没有找到{named}：检查接线和设置 [devices] {part}")
    return Condition("fault", f"{named}出错：拔下重插，检查接线")
