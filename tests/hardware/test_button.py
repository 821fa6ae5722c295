"""The button on a mock pin: short, long, and chattering contacts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fleet.errors import KioskError
from hardware.button import GpioButton, Press, open_button
from tests.hardware.pins import pins

__all__ = ["pins"]


def test_a_short_press_is_told_at_its_end_and_a_long_one_while_held(pins: Any) -> None:
    async def main() -> list[Press]:
        button = GpioButton(5, long_s=0.2)
        told = aiter(button.presses())
        pin = pins.pin(5)
        pin.drive_low()  # Pressed: it closes to ground.
        await asyncio.sleep(0.06)
        pin.drive_high()
        first = await asyncio.wait_for(anext(told), 5)
        pin.drive_low()
        second = await asyncio.wait_for(anext(told), 5)
        pin.drive_high()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(told), 0.2)
        button.close()
        return [first, second]

    assert asyncio.run(main()) == ["short", "long"]


def test_the_pin_is_debounced(pins: Any) -> None:
    async def main() -> float | None:
        button = open_button("gpio:5")
        bounce: float | None = pins.pin(5).bounce
        button.close()
        return bounce

    assert asyncio.run(main()) == 0.03


@pytest.mark.parametrize("name", ["gpio:1,2", "usb:1"])
def test_a_name_that_means_nothing_is_bad_input(name: str) -> None:
    with pytest.raises(KioskError, match=r"devices\.button"):
        open_button(name)
