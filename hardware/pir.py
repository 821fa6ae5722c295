"""Passive infrared sensors: whether something warm moves in front of the kiosk.

They see movement, not people: who stands still vanishes, and a draught or the sun can set one
off. They know nothing of who, how many, how near, and which way somebody looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

from fleet.errors import KioskError
from hardware.gpio import open_pin, pins_of

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

    Not yet tried on a board: the tests use gpiozero's mock pins.
    Raises KioskError where there is none.
    """
    device = open_pin("presence.pir", "DigitalInputDevice", pin)
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
    if name.startswith("gpio:"):
        return gpio_pir(pins_of(name, "presence.pir")[0])
    if not Path(name).exists():
        raise KioskError("input", f"presence.pir: {name!r} is no file; give gpio:17 or a file")
    return file_pir(Path(name))
