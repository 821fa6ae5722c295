"""What the hub may have a kiosk do, checked: each kind of command, and what is said to it. Pure."""

from __future__ import annotations

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
        case "out_of_service" | "in_service":
            return Service(on=command.kind == "in_service")
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
