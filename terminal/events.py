"""The events that come in and the commands that go out: dataclasses, nothing else.

Turn-bound events and commands carry `turn`; the session ignores a stale one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from hardware.base import CameraState
from hardware.printer import PrinterState
from knowledge.schema import Aspect

Outcome = Literal["answered", "clarify", "command", "handoff", "refused", "unknown", "empty"]
Button = Literal["staff", "repeat", "slower", "louder", "elder", "stop", "home", "print"]
Stage = Literal["hearing", "recognizing", "understanding", "speaking"]
Policy = Literal["open", "presence", "wake_word", "both", "touch"]
"""What opens the ears: nothing needs to, a face, the phrase, either of the two, or a touch."""
Closer = Literal["staff", "heat"]
"""Who takes the kiosk out of service: people, here or from afar, or its own machine."""
MicrophoneState = Literal["on", "off", "denied", "missing", "lost", "silent"]


class State(StrEnum):
    """Where a visit stands."""

    IDLE = "idle"
    ATTENTIVE = "attentive"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    HANDOFF = "handoff"
    OUT_OF_SERVICE = "out_of_service"


# What dialogue gives back


@dataclass(frozen=True, slots=True)
class Option:
    """A topic offered to the citizen."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What staff are told when they are called."""

    reason: str
    """An answer id."""
    story: tuple[str, ...] = ()
    """The visit's last turns, redacted: what was asked, and what came of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One approved answer, or the kiosk's own plain words where there is none."""

    outcome: Outcome
    spoken: str
    screen: str
    heard: str = ""
    """Redacted."""
    answer_id: str | None = None
    aspect: Aspect | None = None
    title: str = ""
    options: tuple[Option, ...] = ()
    choices: tuple[Option, ...] = ()
    """Answers to the question at the end of `spoken`, where it ends in one."""
    steps: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value: 窗口, 费用, 时限 …"""
    aspects: tuple[tuple[Aspect, str], ...] = ()
    """What else can be asked about this item: aspect and its button's label."""
    source: str = ""
    confidence: float = 0.0
    language: str = "zh"
    ticket: Ticket | None = None
    """Where staff are called."""


# Events


@dataclass(frozen=True, slots=True)
class ScreenOpened:
    """The kiosk's page is there."""


@dataclass(frozen=True, slots=True)
class ScreenClosed:
    """The kiosk's page is gone."""


@dataclass(frozen=True, slots=True)
class MicrophoneChanged:
    """The microphone came, went, or was refused."""

    state: MicrophoneState


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """The camera came, went, or was refused."""

    state: CameraState


@dataclass(frozen=True, slots=True)
class PrinterChanged:
    """The printer came, went, or wants paper."""

    state: PrinterState


@dataclass(frozen=True, slots=True)
class PersonArrived:
    """Somebody has stopped in front of the kiosk."""

    greet: bool = True
    """False soon after another greeting."""
    newcomer: bool = False
    """Was seen beside the one before, who has gone: it is somebody else for certain."""


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """Nobody is in front of the kiosk any more."""


@dataclass(frozen=True, slots=True)
class WakeHeard:
    """Somebody called the kiosk by its phrase, and may be asking something already."""

    turn: int


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak."""

    turn: int


@dataclass(frozen=True, slots=True)
class Captioned:
    """What was understood so far; may change."""

    turn: int
    text: str
    """Redacted."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The citizen has finished: the endpoint."""

    turn: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """It was a pause and no end: the same question goes on, and all of it is still there."""

    turn: int


@dataclass(frozen=True, slots=True)
class OnlyCalled:
    """In place of words: the phrase was said, and nothing behind it."""

    turn: int


@dataclass(frozen=True, slots=True)
class HeardTiming:
    """How long hearing took, milliseconds. Not part of an event's identity."""

    endpoint_ms: float
    """Silence that the endpoint waited for."""
    asr_ms: float
    """Recognition, all passes."""
    wait_ms: float
    """The part of `asr_ms` that was left when the endpoint came."""


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """The recogniser's result. Text is held in memory only, and wiped with the visit."""

    turn: int
    text: str = field(repr=False)
    alternatives: tuple[str, ...] = field(default=(), repr=False)
    log_probability: float = 0.0
    language: str = "zh"
    idle: bool = False
    """They broke in on an answer and ask nothing: 好的, a cough, the kiosk's own words."""
    timing: HeardTiming | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SpeechSuspected:
    """While this turn's answer is spoken, something sounds like speech."""

    turn: int


@dataclass(frozen=True, slots=True)
class SuspicionDropped:
    """It was a cough, applause, or the kiosk itself."""

    turn: int


@dataclass(frozen=True, slots=True)
class Interrupted:
    """It is speech: somebody breaks in on this turn's answer, and may still be speaking."""

    turn: int
    goes_on: bool = False
    """With the rest of the question that was being answered."""
    unsure: bool = False
    """It may yet come to nothing: 好的, or an echo after all."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A question from the keyboard."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A topic was tapped, or an aspect of the one on the screen."""

    answer_id: str
    aspect: Aspect | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """One of the standing buttons."""

    button: Button


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody thought of the visit so far; nobody is asked twice, or need answer."""

    stars: int
    """5 is 非常满意, 1 is 非常不满意."""


@dataclass(frozen=True, slots=True)
class ServiceChanged:
    """The hall's staff, or the fleet's, take the kiosk out of service, or back into it.

    So does its machine. It serves again when everybody who closed it has opened it.
    """

    on: bool
    by: Closer = "staff"
    reason: str = ""
    """For the citizen; may be empty."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An approved notice, to be said when nobody is being served."""

    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """The dialogue's reply."""

    turn: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """The last sound of the answer was heard."""

    turn: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that the session started."""

    name: str
    turn: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A stage broke while working on this turn."""

    turn: int
    stage: Stage


Event: TypeAlias = (
    ScreenOpened
    | ScreenClosed
    | MicrophoneChanged
    | CameraChanged
    | PrinterChanged
    | PersonArrived
    | PersonLeft
    | WakeHeard
    | SpeechStarted
    | Captioned
    | SpeechEnded
    | SpeechResumed
    | OnlyCalled
    | WordsHeard
    | SpeechSuspected
    | SuspicionDropped
    | Interrupted
    | Typed
    | Chosen
    | Pressed
    | Rated
    | ServiceChanged
    | Announced
    | Understood
    | PlaybackFinished
    | TimerFired
    | Failed
)


# Commands


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the ears; what is said belongs to this turn."""

    turn: int
    patient: bool = False
    """Wait longer before the question counts as finished."""


@dataclass(frozen=True, slots=True)
class AwaitPhrase:
    """Open the ears for the phrase alone."""

    turn: int


@dataclass(frozen=True, slots=True)
class ListenIn:
    """Listen for a citizen who breaks in on this turn's answer."""

    turn: int
    open_question: bool = False
    """The answer was none: what comes soon belongs to the question, whatever that was."""


@dataclass(frozen=True, slots=True)
class ListenOn:
    """Like `Listen`, but what is being said already belongs to this turn."""

    turn: int
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Deafen:
    """Close the ears and forget half-heard speech."""


@dataclass(frozen=True, slots=True)
class Understand:
    """Find the reply to words."""

    turn: int
    words: WordsHeard = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The last words were half a question: let the dialogue be as it was before them."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Find the reply to a tapped topic."""

    turn: int
    answer_id: str
    aspect: Aspect | None = None


@dataclass(frozen=True, slots=True)
class Speak:
    """Say the texts, one after another."""

    turn: int
    texts: tuple[str, ...]
    speed: float
    """1.0 is the voice's own."""
    gain: float
    """Linear, 1.0 is the voice's own."""
    pause_s: float = 0.0
    """Silence behind each clause, on top of the usual."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Be silent for a moment; the answer may go on."""

    turn: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the answer where it was paused."""

    turn: int


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop speaking at once."""


@dataclass(frozen=True, slots=True)
class ShowState:
    """Let the screen show where the visit stands."""

    state: State
    turn: int
    reason: str = ""
    """Why nobody is served; may be empty."""


@dataclass(frozen=True, slots=True)
class ShowCaption:
    """Live caption."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class ShowReply:
    """The answer on the screen."""

    turn: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class ShowHome:
    """The greeting with suggestions."""


@dataclass(frozen=True, slots=True)
class ShowMode:
    """The screen for elders (长辈版), or the ordinary one; a wipe brings the ordinary one back."""

    elder: bool


@dataclass(frozen=True, slots=True)
class ShowNote:
    """A short line for the citizen: no microphone, please type."""

    text: str


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Ask a member of staff to come."""

    turn: int
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Print:
    """Print an approved answer's checklist: nothing of what was heard."""

    turn: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Fires `TimerFired(name, turn)`; starting it again replaces it."""

    name: str
    after_s: float
    turn: int


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Never mind."""

    name: str


@dataclass(frozen=True, slots=True)
class Wipe:
    """The visit is over: forget audio, words and context."""


Command: TypeAlias = (
    Listen
    | AwaitPhrase
    | ListenIn
    | ListenOn
    | Deafen
    | Understand
    | TakeBack
    | Recall
    | Speak
    | Pause
    | Resume
    | Hush
    | ShowState
    | ShowCaption
    | ShowReply
    | ShowHome
    | ShowMode
    | ShowNote
    | CallStaff
    | Print
    | StartTimer
    | StopTimer
    | Wipe
)
