"""What must hold whatever happens to the state machine."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from terminal import events as ev
from terminal.events import Command, Event, Option, Reply, State
from terminal.manner import LOUDEST, SLOWEST
from terminal.session import Session
from tests.fakes import texts_held
from tests.terminal.visits import (
    ANSWER,
    EMPTY,
    EVENTS,
    SECRET,
    STAFF,
    Visit,
    control,
)

CONTROLS = "repeat slower louder stop goodbye elder_mode".split()
REPLIES = [
    ANSWER,
    STAFF,
    EMPTY,
    Reply("clarify", SECRET, SECRET, heard=SECRET, options=(Option("gov.card", SECRET),)),
    *(control(name) for name in CONTROLS),
]
ANY_EVENT = st.one_of(
    st.sampled_from(sorted(EVENTS)),
    # Weighted towards whole turns, so that every state is met often.
    st.sampled_from(["started", "ended", "words", "finished", "mic-on"]),
    st.sampled_from(REPLIES),
)
STORY = st.lists(st.tuples(ANY_EVENT, st.sampled_from([0, 0, 0, 0, 0, -1, 1, -7])), max_size=60)


class Watch:
    """Follows the commands as the runner would, and checks what must always hold."""

    def __init__(self) -> None:
        self.visit = Visit(microphone=False)
        self.playing = self.ears = self.microphone = self.elder = False
        self.wiped = False

    def do(self, event: Event) -> None:
        before = self.visit.turn
        commands = self.visit.do(event)
        assert self.visit.turn >= before
        self.hear_of(event, before)
        for command in commands:
            self.follow(command)
        if self.wiped:
            assert not any(SECRET in text for text in texts_held(self.visit.session))
        assert not (self.playing and self.ears)
        assert self.playing == (self.visit.state is State.SPEAKING)

    def hear_of(self, event: Event, turn: int) -> None:
        match event:
            case ev.PlaybackFinished(turn=at) if at == turn:
                self.playing = False
            case ev.SpeechEnded(turn=at) if at == turn:
                self.ears = False
            case ev.MicrophoneChanged(state=state):
                self.microphone = state == "on"
            case ev.ScreenClosed():
                self.microphone = False

    def follow(self, command: Command) -> None:
        self.wiped = isinstance(command, ev.Wipe) or (
            self.wiped and not isinstance(command, ev.ShowReply | ev.Understand)
        )
        match command:
            case ev.Listen(turn=turn, patient=patient):
                assert turn == self.visit.turn
                assert patient == self.elder, "the ears and the screen are of one mode"
                assert self.microphone
                assert not self.playing
                self.ears = True
            case ev.Deafen():
                self.ears = False
            case ev.ShowMode(elder=elder):
                self.elder = elder
            case ev.Wipe():
                self.elder = False
            case ev.Speak(turn=turn, texts=texts, speed=speed, gain=gain, pause_s=pause_s):
                assert (pause_s > 0) == self.elder
                assert turn == self.visit.turn
                assert not self.playing, "two answers at once"
                assert texts
                assert SLOWEST <= speed <= 1.0 <= gain <= LOUDEST
                self.playing = True
            case ev.Hush():
                self.playing = False
            case ev.Understand(turn=turn) | ev.Recall(turn=turn) | ev.ShowReply(turn=turn):
                assert turn == self.visit.turn


BREAKING_IN: dict[str, Callable[[int], Event]] = {
    "suspected": ev.SpeechSuspected,
    "dropped": ev.SuspicionDropped,
    "unsure": lambda turn: ev.Interrupted(turn, unsure=True),
    "read": ev.Interrupted,
    "goes-on": lambda turn: ev.Interrupted(turn, goes_on=True),
    "resumed": ev.SpeechResumed,
    "doubt": lambda turn: ev.TimerFired("doubt", turn),
    "idle": lambda turn: ev.WordsHeard(turn, "好的", idle=True),
    "scrap": lambda turn: ev.WordsHeard(turn, "号低"),
    "called": ev.OnlyCalled,
}
ANY_OVER_ANSWER = st.one_of(
    # Mostly what can follow on an answer, so that one that waits is met often.
    *[st.sampled_from(["unsure", "ended", "scrap", "idle", "understood", "finished"])] * 3,
    st.sampled_from(sorted(BREAKING_IN)),
    st.sampled_from(sorted(EVENTS)),
    st.sampled_from(REPLIES),
)


class Loudspeaker:
    """What it plays, by the commands; each of its answers ends once, or is hushed."""

    def __init__(self) -> None:
        self.turn: int | None = None
        self.paused = False

    def follow(self, command: Command) -> None:
        match command:
            case ev.Speak(turn=turn):
                assert self.turn is None, "two answers at once"
                self.turn, self.paused = turn, False
            case ev.Pause(turn=turn) | ev.Resume(turn=turn):
                assert turn == self.turn, "nothing else can be paused or go on"
                self.paused = isinstance(command, ev.Pause)
            case ev.Hush():
                self.turn = None


@given(st.lists(st.tuples(ANY_OVER_ANSWER, st.sampled_from([0] * 8 + [-1, -2])), max_size=60))
@example([(each, 0) for each in "understood unsure ended scrap understood".split()])
def test_an_answer_that_waits_goes_on_or_is_hushed(story: list[tuple[str | Reply, int]]) -> None:
    session, speaker = Session(barge_in=True), Loudspeaker()
    happens = {**EVENTS, **BREAKING_IN}
    session.handle(ev.ScreenOpened(), 0.0)
    session.handle(ev.MicrophoneChanged("on"), 0.0)
    session.handle(ev.Typed(SECRET), 0.0)
    for what, off in story:
        turn = session.turn + off
        event = happens[what](turn) if isinstance(what, str) else ev.Understood(turn, what)
        if isinstance(event, ev.PlaybackFinished):
            if speaker.turn is None or speaker.paused:
                continue
            event = ev.PlaybackFinished(speaker.turn)
            speaker.turn = None
        for command in session.handle(event, 0.0):
            speaker.follow(command)
        if session.state is State.SPEAKING:
            assert speaker.turn is not None
        elif session.state in (State.LISTENING, State.THINKING):
            assert speaker.turn is None or speaker.paused
        else:
            assert speaker.turn is None


@given(STORY)
def test_whatever_happens(story: list[tuple[str | Reply, int]]) -> None:
    watch = Watch()
    for what, off in story:
        turn = watch.visit.turn + off
        watch.do(EVENTS[what](turn) if isinstance(what, str) else ev.Understood(turn, what))
