"""What the page says: text frames in, events out. Everything in them is distrusted."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

from hardware.base import CameraState
from knowledge.schema import Aspect
from terminal.events import (
    Button,
    CameraChanged,
    Chosen,
    Event,
    MicrophoneChanged,
    MicrophoneState,
    Pressed,
    Rated,
    Typed,
)

MAX_TEXT_CHARACTERS = 4096
"""Of one text frame; 200 typed characters, each escaped, are 1,200."""

MAX_TYPED_CHARACTERS = 200
"""The longest question in the evaluation sets has 41."""

Reason = Literal["size", "json", "type", "field"]

_ANSWER_ID = re.compile(r"[\w.:=?&-]{1,120}", re.ASCII)
_SPACES = re.compile(r"\s+")


class Refused(Exception):
    """A message that is not of the protocol. Never holds what the message said."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Played:
    """The page has played the last sound of this turn."""

    turn: int


def read_message(text: str) -> Event | Played:
    """Turn one text frame into an event, or into the speaker's report.

    Raises Refused.
    """
    message = _parse(text)
    match message.get("type"):
        case "typed":
            return Typed(_typed(message.get("text")))
        case "choose":
            return Chosen(_answer_id(message.get("id")), _aspect(message.get("aspect")))
        case "press":
            return Pressed(_button(message.get("button")))
        case "rate":
            return Rated(_stars(message.get("stars")))
        case "played":
            return Played(_turn(message.get("turn")))
        case "microphone":
            return MicrophoneChanged(_microphone(message.get("state")))
        case "camera":
            return CameraChanged(_camera(message.get("state")))
        case _:
            raise Refused("type")


def clean_typed(text: str) -> str:
    """One line without control or invisible characters, at most 200 characters."""
    spaced = _SPACES.sub(" ", text)
    visible = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    return visible.strip()[:MAX_TYPED_CHARACTERS].rstrip()


def _parse(text: str) -> dict[str, object]:
    if len(text) > MAX_TEXT_CHARACTERS:
        raise Refused("size")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("json") from None
    if not isinstance(message, dict):
        raise Refused("json")
    return message


def _typed(value: object) -> str:
    if isinstance(value, str) and (text := clean_typed(value)):
        return text
    raise Refused("field")


def _answer_id(value: object) -> str:
    if isinstance(value, str) and _ANSWER_ID.fullmatch(value):
        return value
    raise Refused("field")


def _aspect(value: object) -> Aspect | None:
    for aspect in get_args(Aspect):
        if value == aspect:
            return aspect  # type: ignore[no-any-return]
    if value is None:
        return None
    raise Refused("field")


def _button(value: object) -> Button:
    for button in get_args(Button):
        if value == button:
            return button  # type: ignore[no-any-return]
    raise Refused("field")


def _microphone(value: object) -> MicrophoneState:
    for state in get_args(MicrophoneState):
        if value == state:
            return state  # type: ignore[no-any-return]
    raise Refused("field")


def _camera(value: object) -> CameraState:
    for state in get_args(CameraState):
        if value == state:
            return state  # type: ignore[no-any-return]
    raise Refused("field")


def _stars(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5:
        return value
    raise Refused("field")


def _turn(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise Refused("field")
