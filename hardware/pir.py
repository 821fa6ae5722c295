"""Passive infrared sensors: whether something warm moves in front of the kiosk.

They see movement, not people: who stands still vanishes, and a draught or the sun can set one
off. They know nothing of who, how many, how near, and which way somebody looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from fleet.errors import KioskError

POLL_S = 0.1
"""Between two looks at the level; sensors hold it for a second and more."""


class Pir(Protocol):
    """A source of levels."""

    def levels(self) -> AsyncIterator[bool]:
        """Ten a second, true while something moves; ends when the source is over or closed."""
        ...


class PolledPir:
    """Any level that can be read at any time."""

    def __init__(self, read: Callable[[], bool | None]) -> None:
        """`read`: true while something moves; None: the source is over."""
        self._read = read

    async def levels(self) -> AsyncIterator[bool]:
        """Until the source is over."""
        while (level := self._read()) is not None:
            yield level
            await asyncio.sleep(POLL_S)


def gpio_pir(pin: int) -> PolledPir:
    """The sensor at a Raspberry Pi's pin (BCM number), high while something moves.

    Needs the package gpiozero with a pin factory (lgpio), as Raspberry Pi OS has. Not yet tried
    on a board: the tests stand in for gpiozero.
    Raises KioskError where there is none.
    """
    try:
        library = import_module("gpiozero")
    except ImportError as error:
        raise KioskError(
            "missing", 'presence.pir: needs gpiozero; install python3-gpiozero or set pir = "off"'
        ) from error
    return _gpio(library, pin)


def _gpio(library: Any, pin: int) -> PolledPir:
    """The library's errors have no common root but Exception: a busy pin, no board, no rights."""
    try:
        device = library.DigitalInputDevice(pin)
    except Exception as error:
        raise KioskError("missing", f"presence.pir: no pin {pin} here ({error})") from error
    return PolledPir(lambda: bool(device.value))


def file_pir(file: Path) -> PolledPir:
    """A file that holds 1 or 0, such as a GPIO exported to sysfs; over when it is taken away."""

    def read() -> bool | None:
        try:
            return file.read_text("ascii").strip() == "1"
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise KioskError("missing", f"presence.pir: {file}: cannot be read") from error

    return PolledPir(read)


def open_pir(name: str) -> Pir:
    """`gpio:17` or a file's path. Raises KioskError."""
    kind, _, pin = name.partition(":")
    if kind == "gpio":
        if not pin.isdecimal():
            raise KioskError("input", f"presence.pir: {name!r}: give a pin's number, as in gpio:17")
        return gpio_pir(int(pin))
    if not Path(name).exists():
        raise KioskError("input", f"presence.pir: {name!r} is no file; give gpio:17 or a file")
    return file_pir(Path(name))
