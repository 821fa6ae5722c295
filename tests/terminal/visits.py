"""A visit in each state, and every event, for tests of the state machine."""

from __future__ import annotations

from collections.abc import Callable

from terminal import events as ev
from terminal.events import Command, Event, Reply, State
from terminal.session import Session

SECRET = "我叫张三"
ANSWER = Reply("answered", "请到3号窗口。", "3号窗口", heard=SECRET, answer_id="gov.card")
STAFF = Reply("handoff", "工作人员马上来。", "请稍等", heard=SECRET, answer_id="control.handoff")
EMPTY = Reply("empty", "没听清。", "没听清")


def control(name: str) -> Reply:
    return Reply("command", f"好的：{name}。", "", heard=SECRET, answer_id=f"control.{name}")


class Visit:
    """A session and what it last said is to be done."""

    def __init__(self, *, microphone: bool = True) -> None:
        self.session = Session()
        self.done: list[Command] = []
        self.do(ev.ScreenOpened())
        if microphone:
            self.do(ev.MicrophoneChanged("on"))

    @property
    def state(self) -> State:
        return self.session.state

    @property
    def turn(self) -> int:
        return self.session.turn

    def do(self, event: Event) -> list[Command]:
        self.done = self.session.handle(event, now=0.0)
        return self.done

    def speak(self, text: str = SECRET) -> list[Command]:
        """Say something, up to its understanding."""
        self.do(ev.SpeechStarted(self.turn))
        self.do(ev.SpeechEnded(self.turn))
        return self.do(ev.WordsHeard(self.turn, text))

    def answer(self, reply: Reply = ANSWER) -> list[Command]:
        return self.do(ev.Understood(self.turn, reply))

    def ask(self, reply: Reply = ANSWER) -> list[Command]:
        """A whole spoken turn; gives the commands of the answer."""
        self.speak()
        commands = self.answer(reply)
        self.do(ev.PlaybackFinished(self.turn))
        return commands

    def first(self, kind: type[Command]) -> Command:
        return next(command for command in self.done if isinstance(command, kind))


def idle() -> Visit:
    return Visit()


def attentive() -> Visit:
    visit = Visit()
    visit.ask()
    return visit


def handoff() -> Visit:
    visit = Visit()
    visit.ask(STAFF)
    return visit


def listening() -> Visit:
    visit = Visit()
    visit.do(ev.SpeechStarted(visit.turn))
    return visit


def thinking() -> Visit:
    visit = listening()
    visit.do(ev.SpeechEnded(visit.turn))
    return visit


def speaking() -> Visit:
    visit = thinking()
    visit.answer()
    return visit


STATES: dict[str, Callable[[], Visit]] = {
    each.__name__: each for each in (idle, attentive, handoff, listening, thinking, speaking)
}
EVENTS: dict[str, Callable[[int], Event]] = {
    "opened": lambda _: ev.ScreenOpened(),
    "closed": lambda _: ev.ScreenClosed(),
    "mic-on": lambda _: ev.MicrophoneChanged("on"),
    "mic-off": lambda _: ev.MicrophoneChanged("off"),
    "mic-lost": lambda _: ev.MicrophoneChanged("lost"),
    "started": ev.SpeechStarted,
    "caption": lambda turn: ev.Captioned(turn, SECRET),
    "ended": ev.SpeechEnded,
    "words": lambda turn: ev.WordsHeard(turn, SECRET),
    "typed": lambda _: ev.Typed(SECRET),
    "chosen": lambda _: ev.Chosen("gov.card"),
    "understood": lambda turn: ev.Understood(turn, ANSWER),
    "finished": ev.PlaybackFinished,
    "quiet": lambda turn: ev.TimerFired("quiet", turn),
    "failed": lambda turn: ev.Failed(turn, "recognizing"),
    "home": lambda _: ev.Pressed("home"),
    "stop": lambda _: ev.Pressed("stop"),
    "staff": lambda _: ev.Pressed("staff"),
    "repeat": lambda _: ev.Pressed("repeat"),
    "slower": lambda _: ev.Pressed("slower"),
    "louder": lambda _: ev.Pressed("louder"),
    "elder": lambda _: ev.Pressed("elder"),
}


def speak_of(commands: list[Command]) -> ev.Speak:
    (speak,) = [command for command in commands if isinstance(command, ev.Speak)]
    return speak
