"""The status lamp: tells from afar what the kiosk is doing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from fleet.errors import KioskError
from hardware.gpio import open_pin, pins_of

Look = Literal[
    "off", "idle", "attentive", "listening", "thinking", "speaking", "handoff", "out_of_service"
]
FIELD = "devices.lamp"
LEDS = Path("/sys/class/leds")


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one look shines. Without dark time it is steady."""

    color: tuple[float, float, float]
    """Red, green, blue, 0..1; a lamp of one colour shines where any is above 0."""
    on_s: float = 1.0
    off_s: float = 0.0
    fade_s: float = 0.0
    """Swells and fades for so long; where a lamp can only be switched, it blinks."""


GREEN, BLUE, WHITE = (0.0, 1.0, 0.0), (0.0, 0.2, 1.0), (1.0, 1.0, 1.0)
YELLOW, RED, DARK = (1.0, 0.6, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0)

PATTERNS: dict[Look, Pattern] = {
    "off": Pattern(DARK),
    "idle": Pattern(GREEN, 0.1, 3.9),
    "attentive": Pattern(GREEN),
    "listening": Pattern(BLUE),
    "thinking": Pattern(BLUE, 0.25, 0.25),
    "speaking": Pattern(WHITE, 0.4, 0.2, 0.4),
    "handoff": Pattern(YELLOW, 0.5, 0.5),
    "out_of_service": Pattern(RED, 0.15, 0.85),
}
"""No two are alike even to an eye that tells no colours apart, but attentive and listening."""


class Lamp(Protocol):
    """Shines as it is told."""

    def show(self, look: Look) -> None:
        """Until told otherwise. May block for a moment. OSError, KioskError: it is gone."""
        ...

    def close(self) -> None:
        """Dark, and the pins free."""
        ...


class GpioLamp:
    """An LED at one pin, or one of three colours at three. Not tried on a board yet."""

    def __init__(self, pins: list[int]) -> None:
        """Raises KioskError."""
        self._rgb = len(pins) == 3
        kind = "RGBLED" if self._rgb else "PWMLED"
        self._led: Any = open_pin(FIELD, kind, *pins)

    def show(self, look: Look) -> None:
        """The library blinks on a thread of its own."""
        pattern = PATTERNS[look]
        shade: dict[str, Any] = {"on_color": pattern.color} if self._rgb else {}
        if pattern.off_s:
            fade = pattern.fade_s
            self._led.blink(pattern.on_s, pattern.off_s, fade, fade, **shade)
        elif self._rgb:
            self._led.color = pattern.color
        else:
            self._led.value = max(pattern.color)

    def close(self) -> None:
        """Free the pins."""
        self._led.close()


class SysfsLamp:
    """An LED that the kernel knows; its `timer` trigger blinks. Needs the right to write there."""

    def __init__(self, folder: Path) -> None:
        """`folder`: such as /sys/class/leds/ACT. Raises KioskError."""
        if not (folder / "brightness").exists():
            raise KioskError("missing", f"{FIELD}: {folder}: no such LED; `ls {folder.parent}`")
        self._folder = folder

    def show(self, look: Look) -> None:
        """OSError where the LED is gone or may not be written."""
        pattern = PATTERNS[look]
        blinks = bool(pattern.off_s)
        self._write("trigger", "timer" if blinks else "none")
        if blinks:
            self._write("delay_on", str(round((pattern.on_s + pattern.fade_s) * 1000)))
            self._write("delay_off", str(round((pattern.off_s + pattern.fade_s) * 1000)))
        else:
            most = (self._folder / "max_brightness").read_text("ascii").strip()
            self._write("brightness", most if max(pattern.color) else "0")

    def close(self) -> None:
        """Dark."""
        self.show("off")

    def _write(self, name: str, value: str) -> None:
        (self._folder / name).write_text(value, "ascii")


def open_lamp(name: str, leds: Path = LEDS) -> Lamp:
    """`gpio:17`, `gpio:17,27,22` (red, green, blue), or `led:NAME`. Raises KioskError."""
    kind, _, rest = name.partition(":")
    if kind == "led" and rest and "/" not in rest:
        return SysfsLamp(leds / rest)
    pins = pins_of(name, FIELD)
    if len(pins) not in (1, 3):
        raise KioskError("input", f"{FIELD}: {name!r}: give one pin, or three: red,green,blue")
    return GpioLamp(pins)
