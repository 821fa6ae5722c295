"""The screen's brightness: of a panel that the kernel dims, or of a monitor over its cable."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Protocol

from fleet.errors import KioskError

FIELD = "devices.backlight"
PANELS = Path("/sys/class/backlight")
ANSWER_S = 10.0
"""A monitor takes a second or two over DDC."""


class Backlight(Protocol):
    """A brightness that can be set."""

    def set(self, percent: int) -> None:
        """1..100; never dark. May block for seconds. OSError, KioskError: it is gone."""
        ...


class Panel:
    """A panel of the kernel's. Needs the right to write there (udev rule of this project)."""

    def __init__(self, folder: Path) -> None:
        """Raises KioskError."""
        if not (folder / "max_brightness").exists():
            raise KioskError("missing", f"{FIELD}: {folder}: no such panel")
        self._folder = folder

    def set(self, percent: int) -> None:
        """At least 1 of the panel's steps."""
        most = int((self._folder / "max_brightness").read_text("ascii"))
        step = max(1, round(most * percent / 100))
        (self._folder / "brightness").write_text(str(step), "ascii")


class Monitor:
    """A monitor at HDMI or DisplayPort that understands DDC/CI. Not tried on one yet."""

    def __init__(self, display: int = 1, command: str = "ddcutil") -> None:
        self._display = display
        self._command = command

    def set(self, percent: int) -> None:
        """Feature 0x10 is the brightness. KioskError says what ddcutil said."""
        order = [self._command, "--display", str(self._display), "setvcp", "10", str(percent)]
        try:
            done = subprocess.run(
                order, capture_output=True, text=True, timeout=ANSWER_S, check=False
            )
        except FileNotFoundError as error:
            raise KioskError("missing", f"{FIELD}: needs ddcutil; apt-get install it") from error
        except subprocess.TimeoutExpired as error:
            raise KioskError("missing", f"{FIELD}: the monitor does not answer") from error
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split()) or "no reason given"
            raise KioskError("missing", f"{FIELD}: ddcutil: {said}")


def open_backlight(name: str, panels: Path = PANELS) -> Backlight:
    """`panel`, `panel:NAME`, `ddc` or `ddc:NUMBER`. Raises KioskError."""
    kind, _, rest = name.partition(":")
    match kind:
        case "panel" if "/" not in rest:
            found = sorted(panels.glob(rest or "*"))
            if not found:
                raise KioskError("missing", f"{FIELD}: {name!r}: nothing in {panels}")
            return Panel(found[0])
        case "ddc" if not rest or rest.isdecimal():
            return Monitor(int(rest or "1"))
        case _:
            raise KioskError("input", f"{FIELD}: {name!r}: panel, panel:NAME, ddc or ddc:NUMBER")
