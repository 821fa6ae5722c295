"""A button beside the screen: a short press begins, a long one calls staff."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal, Protocol

from fleet.errors import KioskError
from hardware.gpio import open_pin, pins_of

Press = Literal["short", "long"]
FIELD = "devices.button"
BOUNCE_S = 0.03
"""Contacts of large arcade buttons chatter for up to 20 ms."""
LONG_S = 2.0


class Button(Protocol):
    """A source of presses."""

    def presses(self) -> AsyncIterator[Press]:
        """As they come; a long one is told while it is still held."""
        ...

    def close(self) -> None:
        """Free the pin."""
        ...


class GpioButton:
    """Between a pin and ground, with the pin's own pull-up. Not tried on a board yet."""

    def __init__(self, pin: int, long_s: float = LONG_S) -> None:
        """Belongs to the running event loop. Raises KioskError."""
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Press] = asyncio.Queue()
        self._held = False
        self._button: Any = open_pin(FIELD, "Button", pin, bounce_time=BOUNCE_S, hold_time=long_s)
        self._button.when_pressed = self._pressed
        self._button.when_held = self._is_held
        self._button.when_released = self._released

    async def presses(self) -> AsyncIterator[Press]:
        """Until cancelled."""
        while True:
            yield await self._queue.get()

    def close(self) -> None:
        """Free the pin."""
        self._button.close()

    def _pressed(self) -> None:
        self._held = False

    def _is_held(self) -> None:
        self._held = True
        self._tell("long")

    def _released(self) -> None:
        if not self._held:
            self._tell("short")

    def _tell(self, press: Press) -> None:
        """From the library's threads."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, press)


def open_button(name: str) -> Button:
    """`gpio:5`. Raises KioskError."""
    pins = pins_of(name, FIELD)
    if len(pins) != 1:
        raise KioskError("input", f"{FIELD}: {name!r}: one pin, as in gpio:5")
    return GpioButton(pins[0])
