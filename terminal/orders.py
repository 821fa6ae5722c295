"""What the hub may have a kiosk do, checked: each kind of command, and what is said to it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from pydantic import JsonValue

from fleet.messages import Command
from knowledge.schema import Notice
from terminal.errors import KioskError

QUIETEST, LOUDEST = 0.1, 2.0
LEVELS = ("debug", "info", "warning", "error")
LOG_LINES = 200
REASON_CHARACTERS = 100
"""As many as the hub takes: they fill a third of the smallest screen."""
ENDS = "。！？….!?"
"""Of a sentence."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Of the program, when nobody is being served."""


@dataclass(frozen=True, slots=True)
class Say:
    """An approved notice, when nobody is being served."""

    text: str


@dataclass(frozen=True, slots=True)
class Volume:
    """How loud, 1 is the voice's own."""

    gain: float


@dataclass(frozen=True, slots=True)
class Service:
    """Out of service, or back."""

    on: bool
    reason: str = ""
    """For the citizen: a sentence without control characters, or empty."""


@dataclass(frozen=True, slots=True)
class LogLevel:
    """How much goes into the log."""

    level: str


@dataclass(frozen=True, slots=True)
class SendLogs:
    """The log's last lines."""

    lines: int


Order: TypeAlias = Restart | Say | Volume | Service | LogLevel | SendLogs


def order_of(command: Command, notices: Collection[str]) -> Order:
    """What is to be done; KioskError says why it is not.

    notices: the texts that the pack has approved for saying unasked.
    """
    args = command.args
    match command.kind:
        case "reload":
            return Restart()
        case "say":
            return Say(_approved(args, notices))
        case "volume":
            name: Field = "gain" if "gain" in args else "volume"
            return Volume(_number(args, name, QUIETEST, LOUDEST))
        case "out_of_service":
            return Service(on=False, reason=_reason(args))
        case "in_service":
            return Service(on=True)
        case "log_level":
            return LogLevel(_one_of(args, "level", LEVELS))
        case "send_logs":
            return SendLogs(int(_number(args, "lines", 1, 5000, LOG_LINES)))
        case _:
            said = "not done from afar here; enrol again on the spot with a new token"
            raise KioskError("input", f"{command.kind}: {said}")


def in_force(notices: Iterable[Notice], today: date) -> tuple[str, ...]:
    """The texts that may be said today: asked anew for each order, for clocks are set late."""
    return tuple(each.text for each in notices if each.valid_from <= today <= each.valid_to)


def _approved(args: Mapping[str, JsonValue], notices: Collection[str]) -> str:
    text = args.get("text")
    if not isinstance(text, str) or text not in notices:
        raise KioskError(
            "input",
            "text: not a notice of the pack in use that is valid today; only those are said",
        )
    return text


def _reason(args: Mapping[str, JsonValue]) -> str:
    """Stands before the screen's own sentence about where to go instead: it ends like one."""
    given = args.get("reason", "")
    if not isinstance(given, str):
        raise KioskError("input", "reason: needs a text for the citizen")
    spaced = "".join(" " if each.isspace() else each for each in given)
    kept = "".join(each for each in spaced if unicodedata.category(each)[0] != "C")
    text = " ".join(kept.split())
    if len(text) > REASON_CHARACTERS:
        raise KioskError(
            "input", f"reason: {len(text)} characters; the screen takes {REASON_CHARACTERS}"
        )
    return text if not text or text[-1] in ENDS else f"{text}。"


Field = Literal["gain", "volume", "level", "lines"]


def _number(
    args: Mapping[str, JsonValue],
    name: Field,
    least: float,
    most: float,
    usual: float | None = None,
) -> float:
    value = args.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise KioskError("input", f"{name}: needs a number from {least:g} to {most:g}")
    return float(value)


def _one_of(args: Mapping[str, JsonValue], name: Field, known: Collection[str]) -> str:
    value = args.get(name)
    if not isinstance(value, str) or value not in known:
        raise KioskError("input", f"{name}: needs one of {', '.join(known)}")
    return value
