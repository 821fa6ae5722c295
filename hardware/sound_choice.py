"""Which of PortAudio's devices is meant, and in which shapes it may be opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

RATES_HZ = (48_000, 44_100, 16_000, 32_000, 8_000)
"""Most devices' own rate first: systems' resamplers are worse than ours."""
MOST_CHANNELS = 16
"""A device with more is no device but a converter, which takes any number."""


class Trouble(Exception):
    """`code` is `missing` or `failed`; one line for who can do something about it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def find(sd: Any, name: str, kind: str) -> tuple[int, dict[str, Any]]:
    """Index and description of the device called `default`, by number, or part of its name."""
    usable = [each for each in sd.query_devices() if each[f"max_{kind}_channels"] > 0]
    if name == "default":
        index = sd.default.device[kind == "output"]
        found = [each for each in usable if each["index"] == index] or usable
    elif name.isdecimal():
        found = [each for each in usable if each["index"] == int(name)]
    else:
        wanted = name.casefold()
        found = [each for each in usable if wanted == each["name"].casefold()]
        found = found or [each for each in usable if wanted in each["name"].casefold()]
    if not found:
        names = ", ".join(each["name"] for each in usable) or "none at all"
        raise Trouble("missing", f"no {kind} device called {name!r}; there are: {names}")
    return found[0]["index"], found[0]


def shapes(device: dict[str, Any], kind: str, channel: int) -> Iterator[tuple[int, int]]:
    """Rates and channel counts to try. channel: the one wanted, from 1; 0: any."""
    most = device[f"max_{kind}_channels"]
    real = most <= MOST_CHANNELS
    counts = [most if real else channel] if channel else [1, 2, *([most] if real else [])]
    own = round(device["default_samplerate"])
    for count in counts:
        if channel <= count <= most:
            yield from ((rate, count) for rate in dict.fromkeys((RATES_HZ[0], own, *RATES_HZ)))
