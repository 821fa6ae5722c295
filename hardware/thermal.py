"""How hot the machine is, and whether it slows itself down: from sysfs, on every board.

A Raspberry Pi says it by its firmware (`get_throttled`, in sysfs or by `vcgencmd`) and by the
voltage alarm of `rpi_volt`; a Jetson and a PC by their thermal zones and cooling devices.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Throttle = Literal["under_voltage", "capped", "throttled", "hot"]

FIRMWARE_BITS: tuple[tuple[int, Throttle], ...] = (
    (0x1, "under_voltage"),
    (0x2, "capped"),
    (0x4, "throttled"),
    (0x8, "hot"),
)
"""Of `get_throttled`; bits from 16 on say the same of the time since the boot: not of now."""
PROCESSOR = ("cpu", "x86_pkg", "soc", "tj", "core", "k10temp", "zenpower")
"""How the names of the sensors begin that tell of the processor."""
NO_HEAT = ("pmic", "iwlwifi", "battery", "fan")
"""Zones that tell of something else: a Jetson's PMIC-Die says 100 whatever is the case."""
SLOWER = ("cpufreq", "thermal-cpufreq", "processor", "intel_powerclamp", "cpu-balanced")
"""Cooling devices that cool by working less; fans do not count."""
SENSIBLE = range(-40, 151)
VCGENCMD = "usr/bin/vcgencmd"
VCGENCMD_S = 2.0


@dataclass(frozen=True, slots=True)
class Thermal:
    """Of one moment."""

    celsius: float | None = None
    """The processor's hottest sensor; None where the machine has none that can be read."""
    throttled: frozenset[Throttle] = frozenset()
    """What slows the machine down now: under_voltage: its supply or cable is too weak; capped,
    throttled: it runs slower; hot: the firmware's own limit is reached."""


def read(root: Path = Path("/")) -> Thermal:
    """Look now; files that are absent or do not answer tell nothing. Takes milliseconds."""
    sensors = list(_sensors(root))
    processor = [celsius for name, celsius in sensors if name.startswith(PROCESSOR)]
    found = processor or [celsius for _, celsius in sensors]
    return Thermal(max(found, default=None), frozenset(_throttled(root)))


def _sensors(root: Path) -> Iterator[tuple[str, float]]:
    """Names in small letters, and degrees."""
    for zone in sorted(root.glob("sys/class/thermal/thermal_zone*")):
        yield from _sensor(_text(zone / "type"), zone / "temp")
    for chip in sorted(root.glob("sys/class/hwmon/hwmon*")):
        name = _text(chip / "name").lower()
        if name.startswith(PROCESSOR):
            for file in sorted(chip.glob("temp*_input")):
                yield from _sensor(name, file)


def _sensor(name: str, file: Path) -> Iterator[tuple[str, float]]:
    value = _number(file)
    if value is None or name.lower().startswith(NO_HEAT):
        return
    celsius = value / 1000
    if round(celsius) in SENSIBLE:
        yield name.lower(), celsius


def _throttled(root: Path) -> Iterator[Throttle]:
    bits = _firmware(root)
    yield from (name for bit, name in FIRMWARE_BITS if bits & bit)
    for chip in root.glob("sys/class/hwmon/hwmon*"):
        if _text(chip / "name") == "rpi_volt" and _number(chip / "in0_lcrit_alarm"):
            yield "under_voltage"
    for device in root.glob("sys/class/thermal/cooling_device*"):
        slower = _text(device / "type").lower().startswith(SLOWER)
        if slower and (_number(device / "cur_state") or 0) > 0:
            yield "capped"


def _firmware(root: Path) -> int:
    """A Raspberry Pi's bits; 0 elsewhere."""
    for file in root.glob("sys/devices/platform/soc*/*firmware/get_throttled"):
        with suppress(ValueError):
            return int(_text(file), 16)
    program = root / VCGENCMD
    if not program.exists():
        return 0
    try:
        done = subprocess.run(
            [program, "get_throttled"],
            check=True,
            capture_output=True,
            text=True,
            timeout=VCGENCMD_S,
        )
        return int(done.stdout.strip().removeprefix("throttled=0x"), 16)
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _number(file: Path) -> int | None:
    try:
        return int(_text(file))
    except ValueError:
        return None


def _text(file: Path) -> str:
    """Empty where it cannot be read: a zone whose part is switched off answers EAGAIN."""
    try:
        return file.read_text("utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""
