"""What opens the ears under each policy, and where a visit's end leaves them."""

from __future__ import annotations

import pytest

from terminal import events as ev
from terminal.events import Command, Event, Policy, Reply, State
from terminal.notices import CALLED
from terminal.session import Session

ANSWER = Reply("answered", "请到3号窗口。", "3号窗口", answer_id="gov.card")
UNKNOWN = Reply("unknown", "没听懂。", "没听懂")
GREETING = "您好。"
EARS = (ev.Listen, ev.ListenOn, ev.ListenIn, ev.AwaitPhrase, ev.Deafen)


class Kiosk:
    """A session under one policy, and what it wants done."""

    def __init__(self, policy: Policy, *, barge_in: bool = True, called: str = CALLED) -> None:
        self.session = Session(GREETING, policy=policy, barge_in=barge_in, called=called)
        self.done: list[Command] = []
        self.do(ev.ScreenOpened(), ev.MicrophoneChanged("on"))

    @property
    def turn(self) -> int:
        return self.session.turn

    @property
    def state(self) -> State:
        return self.session.state

    def do(self, *events: Event) -> list[Command]:
        self.done = [command for event in events for command in self.session.handle(event, 0.0)]
        return self.done

    @property
    def ears(self) -> Command | None:
        """What they were told last."""
        told = [command for command in self.done if isinstance(command, EARS)]
        return told[-1] if told else None

    def said(self) -> list[tuple[str, ...]]:
        return [command.texts for command in self.done if isinstance(command, ev.Speak)]

    def ask(self, reply: Reply = ANSWER) -> None:
        self.do(ev.SpeechStarted(self.turn), ev.SpeechEnded(self.turn))
        self.do(ev.WordsHeard(self.turn, "怎么办"), ev.Understood(self.turn, reply))

    def called(self) -> None:
        """By the phrase and a question."""
        self.do(ev.WakeHeard(self.turn))


POLICIES: tuple[Policy, ...] = ("open", "presence", "wake_word", "both", "touch")
BY_PHRASE: tuple[Policy, ...] = ("wake_word", "both")


@pytest.mark.parametrize("policy", POLICIES)
def test_ears_of_a_kiosk_at_rest(policy: Policy) -> None:
    kiosk = Kiosk(policy)
    wanted = {"open": ev.Listen(kiosk.turn), "wake_word": ev.AwaitPhrase(kiosk.turn)}
    wanted["both"] = wanted["wake_word"]
    assert kiosk.ears == wanted.get(policy, ev.Deafen())


@pytest.mark.parametrize("policy", POLICIES)
def test_a_face_begins_a_visit_where_faces_count(policy: Policy) -> None:
    kiosk = Kiosk(policy)
    kiosk.do(ev.PersonArrived())
    if policy in ("wake_word", "touch"):
        assert (kiosk.state, kiosk.said()) == (State.IDLE, [])
        return
    assert kiosk.said() == [(GREETING,)]
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert (kiosk.state, kiosk.ears) == (State.ATTENTIVE, ev.ListenOn(kiosk.turn))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_phrase_begins_a_visit_where_it_counts(policy: Policy) -> None:
    kiosk = Kiosk(policy)
    turn = kiosk.turn
    kiosk.called()
    if policy in BY_PHRASE:
        assert kiosk.done == [ev.ShowState(State.LISTENING, turn + 1), ev.ListenOn(turn + 1)]
    else:
        assert kiosk.done == []


@pytest.mark.parametrize("policy", POLICIES)
def test_a_touch_begins_a_visit_always(policy: Policy) -> None:
    kiosk = Kiosk(policy)
    kiosk.do(ev.Typed("怎么办"), ev.Understood(kiosk.turn + 1, ANSWER))
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert (kiosk.state, kiosk.ears) == (State.ATTENTIVE, ev.ListenOn(kiosk.turn))


@pytest.mark.parametrize("policy", BY_PHRASE)
@pytest.mark.parametrize("how", ["quiet", "left", "home", "goodbye"])
def test_behind_a_visit_the_ears_wait_for_the_phrase_again(policy: Policy, how: str) -> None:
    kiosk = Kiosk(policy)
    kiosk.called()
    kiosk.do(ev.SpeechEnded(kiosk.turn), ev.WordsHeard(kiosk.turn, "怎么办"))
    bye = Reply("command", "再见。", "", answer_id="control.goodbye")
    kiosk.do(ev.Understood(kiosk.turn, bye if how == "goodbye" else ANSWER))
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    if how in ("quiet", "left"):
        assert kiosk.ears == ev.ListenOn(kiosk.turn)
        kiosk.do(ev.PersonLeft())
        kiosk.do(ev.TimerFired(how, kiosk.turn))
    if how == "home":
        kiosk.do(ev.Pressed("home"))
    assert ev.Wipe() in kiosk.done
    assert (kiosk.state, kiosk.ears) == (State.IDLE, ev.AwaitPhrase(kiosk.turn))


def test_inside_a_visit_and_late_the_phrase_of_the_wake_stage_is_ignored() -> None:
    kiosk = Kiosk("both")
    turn = kiosk.turn
    kiosk.do(ev.PersonArrived())
    assert kiosk.do(ev.WakeHeard(turn)) == []
    assert kiosk.do(ev.WakeHeard(kiosk.turn)) == []


def test_a_microphone_that_comes_later_waits_for_the_phrase() -> None:
    kiosk = Kiosk("wake_word")
    kiosk.do(ev.MicrophoneChanged("off"))
    kiosk.do(ev.MicrophoneChanged("on"))
    assert kiosk.ears == ev.AwaitPhrase(kiosk.turn)


@pytest.mark.parametrize("barge_in", [True, False])
def test_the_phrase_alone_is_answered_with_a_word_and_open_ears(barge_in: bool) -> None:
    kiosk = Kiosk("wake_word", barge_in=barge_in)
    kiosk.called()
    kiosk.do(ev.SpeechEnded(kiosk.turn), ev.OnlyCalled(kiosk.turn))
    assert kiosk.said() == [(CALLED,)]
    assert kiosk.ears == (ev.ListenIn(kiosk.turn) if barge_in else ev.Deafen())
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert kiosk.state is State.ATTENTIVE


def test_without_a_word_to_say_it_just_listens() -> None:
    kiosk = Kiosk("wake_word", called="")
    kiosk.called()
    kiosk.do(ev.SpeechEnded(kiosk.turn), ev.OnlyCalled(kiosk.turn))
    assert (kiosk.said(), kiosk.state) == ([], State.ATTENTIVE)
    assert kiosk.ears == ev.Listen(kiosk.turn)


def test_a_call_into_an_answer_ends_it_and_is_answered() -> None:
    kiosk = Kiosk("open")
    kiosk.ask()
    old = kiosk.turn
    kiosk.do(ev.Interrupted(old))
    assert ev.Hush() in kiosk.done
    kiosk.do(ev.SpeechEnded(kiosk.turn), ev.OnlyCalled(kiosk.turn))
    assert kiosk.said() == [(CALLED,)]
    assert kiosk.do(ev.PlaybackFinished(old)) == []


# Halves


def thinking() -> Kiosk:
    kiosk = Kiosk("open")
    kiosk.do(ev.SpeechStarted(kiosk.turn), ev.SpeechEnded(kiosk.turn))
    return kiosk


def test_who_goes_on_before_the_words_are_there_has_nothing_to_take_back() -> None:
    kiosk = thinking()
    kiosk.do(ev.SpeechResumed(kiosk.turn))
    assert ev.TakeBack() not in kiosk.done
    assert (kiosk.state, kiosk.ears) == (State.LISTENING, ev.ListenOn(kiosk.turn))


def test_who_goes_on_later_takes_back_the_half_question() -> None:
    kiosk = thinking()
    half = kiosk.turn
    kiosk.do(ev.WordsHeard(half, "社保卡"))
    kiosk.do(ev.SpeechResumed(half))
    assert ev.TakeBack() in kiosk.done
    assert kiosk.do(ev.Understood(half, ANSWER)) == [], "the answer to half a question is late"


@pytest.mark.parametrize("goes_on", [True, False])
def test_the_answer_to_half_a_question_is_cut_short(goes_on: bool) -> None:
    kiosk = Kiosk("open")
    kiosk.ask()
    kiosk.do(ev.Interrupted(kiosk.turn, goes_on=goes_on))
    assert (ev.TakeBack() in kiosk.done) is goes_on
    assert ev.Hush() in kiosk.done
    assert kiosk.ears == ev.ListenOn(kiosk.turn)


def test_ears_that_noticed_just_before_the_answer_are_believed() -> None:
    kiosk = Kiosk("open")
    kiosk.ask()
    kiosk.do(ev.SpeechResumed(kiosk.turn))
    assert (kiosk.state, kiosk.ears) == (State.LISTENING, ev.ListenOn(kiosk.turn))


def test_the_ears_know_that_the_answer_was_none() -> None:
    kiosk = Kiosk("open")
    kiosk.ask(UNKNOWN)
    assert kiosk.ears == ev.ListenIn(kiosk.turn, open_question=True)
