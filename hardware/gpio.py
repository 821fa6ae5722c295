"""Pins of a Raspberry Pi, through gpiozero; numbers are Broadcom's (BCM), as in `gpio:17`."""

from __future__ import annotations

import os
import tempfile
import warnings
from importlib import import_module
from typing import Any

from fleet.errors import KioskError


def pins_of(name: str, field: str) -> list[int]:
    """The numbers in `gpio:17` or `gpio:17,27,22`. Raises KioskError."""
    kind, _, rest = name.partition(":")
    numbers = rest.split(",")
    if kind != "gpio" or not all(each.isdecimal() for each in numbers):
        raise KioskError("input", f"{field}: {name!r}: give a pin's number, as in gpio:17")
    return [int(each) for each in numbers]


def library(field: str) -> Any:
    """Gpiozero. Raises KioskError where there is none."""
    # lgpio makes a pipe in the working folder, which an installed kiosk may not write to.
    os.environ.setdefault("LG_WD", tempfile.gettempdir())
    try:
        return import_module("gpiozero")
    except ImportError as error:
        raise KioskError(
            "missing", f'{field}: needs gpiozero; install python3-gpiozero or set it to "off"'
        ) from error


def open_pin(field: str, kind: str, *pins: int, **options: Any) -> Any:
    """A device of gpiozero's at these pins. Raises KioskError.

    The library's errors have no common root but Exception: a busy pin, no board, no rights.
    """
    make = getattr(library(field), kind)
    try:
        with warnings.catch_warnings(action="ignore"):  # One for each way to pins it has tried.
            return make(*pins, **options)
    except Exception as error:
        named = ", ".join(map(str, pins))
        raise KioskError("missing", f"{field}: no pin {named} here ({error})") from error
