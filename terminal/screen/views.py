"""What the page is told: events and settings in, messages of the page's protocol out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from terminal.events import MicrophoneState, Option, Reply, State

Camera = Literal["off", "browser", "device"]
Microphone = Literal["browser", "device"]

Message = dict[str, object]
"""One JSON object of the protocol; `type` says which."""


def home_message(
    *,
    hall: str,
    greeting: str,
    suggestions: Sequence[Option],
    phone: str,
    sample: bool,
    voice_rate_hz: int,
    camera: Camera = "off",
    microphone: Microphone = "browser",
    printer: bool = False,
) -> Message:
    """The first screen.

    sample: shows the banner that says the data are made up.
    camera: shows the sign that says what it is for; `browser`: the page sends its own pictures.
    printer: answers with materials offer to print them.
    microphone: `device`: the page asks for none and sends no sound.
    """
    return {
        "type": "home",
        "hall": hall,
        "greeting": greeting,
        "sample": sample,
        "suggestions": _options(suggestions),
        "phone": phone,
        "voice_rate": voice_rate_hz,
        "camera": camera,
        "microphone": microphone,
        "printer": printer,
    }


def microphone_message(state: MicrophoneState) -> Message:
    """Where the kiosk's own microphone stands."""
    return {"type": "microphone", "state": state}


def state_message(state: State, turn: int, reason: str = "") -> Message:
    """Where the visit stands; `reason`: why nobody is served."""
    message: Message = {"type": "state", "state": state.value, "turn": turn}
    return {**message, "reason": reason} if reason else message


def caption_message(turn: int, text: str) -> Message:
    """What was understood so far; redacted."""
    return {"type": "caption", "turn": turn, "text": text}


def reply_message(turn: int, reply: Reply) -> Message:
    """The answer, with all that the page can show of it."""
    return {
        "type": "reply",
        "turn": turn,
        "outcome": reply.outcome,
        "heard": reply.heard,
        "title": reply.title,
        "spoken": reply.spoken,
        "screen": reply.screen,
        "answer_id": reply.answer_id,
        "aspect": reply.aspect,
        "options": _options(reply.options or reply.choices),
        "steps": list(reply.steps),
        "materials": list(reply.materials),
        "facts": [list(fact) for fact in reply.facts],
        "aspects": [{"aspect": aspect, "label": label} for aspect, label in reply.aspects],
        "source": reply.source,
    }


def mode_message(*, elder: bool) -> Message:
    """The screen for elders, or the ordinary one."""
    return {"type": "mode", "elder": elder}


def note_message(text: str) -> Message:
    """A short line for the citizen."""
    return {"type": "note", "text": text}


def wipe_message() -> Message:
    """The visit is over: no word of it may stay on the page."""
    return {"type": "wipe"}


def _options(options: Sequence[Option]) -> list[dict[str, str]]:
    return [{"id": option.id, "title": option.title} for option in options]
