"""What the session makes of people who come and go before the camera."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hardware.base import CameraState
from terminal import events as ev
from terminal.events import Command, Event, Policy, Reply, State
from terminal.notices import NO_CAMERA
from terminal.session import HANDOFF_LEFT_S, LEFT_S, Session
from tests.fakes import texts_held

GREETING = "您好，我是智能语音助手。"
SECRET = "我叫张三"
ANSWER = Reply("answered", "请到3号窗口。", "3号窗口", heard=SECRET, answer_id="gov.card")
STAFF = Reply("handoff", "工作人员马上来。", "请稍等", heard=SECRET, answer_id="control.handoff")


class Kiosk:
    """A session with page and microphone, and what it wants done."""

    def __init__(self, *, policy: Policy = "open", greeting: str = GREETING) -> None:
        self.session = Session(greeting, policy=policy)
        self.done: list[Command] = []
        self.do(ev.ScreenOpened(), ev.MicrophoneChanged("on"))

    @property
    def state(self) -> State:
        return self.session.state

    def do(self, *events: Event) -> list[Command]:
        self.done = [command for event in events for command in self.session.handle(event, 0.0)]
        return self.done

    @property
    def turn(self) -> int:
        return self.session.turn

    def kinds(self, *kinds: type[Command]) -> list[Command]:
        return [command for command in self.done if isinstance(command, kinds)]

    def ask(self, reply: Reply = ANSWER) -> None:
        """A spoken turn, up to the end of its answer."""
        self.do(ev.SpeechStarted(self.turn), ev.SpeechEnded(self.turn))
        self.do(ev.WordsHeard(self.turn, SECRET), ev.Understood(self.turn, reply))
        self.do(ev.PlaybackFinished(self.turn))

    def left(self) -> list[Command]:
        return self.do(ev.TimerFired("left", self.turn))


def greeted() -> Kiosk:
    kiosk = Kiosk()
    kiosk.do(ev.PersonArrived())
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    return kiosk


def test_who_comes_is_greeted_aloud_and_on_the_screen_and_then_listened_to() -> None:
    kiosk = Kiosk()
    kiosk.do(ev.PersonArrived())
    assert kiosk.state == "speaking"
    assert ev.ShowNote(GREETING) in kiosk.done
    assert kiosk.done[-1] == ev.Speak(kiosk.turn, (GREETING,), 1.0, 1.0)
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert kiosk.state is State.ATTENTIVE
    assert ev.Listen(kiosk.turn) in kiosk.done


@pytest.mark.parametrize(
    ("kiosk", "event"),
    [(Kiosk(), ev.PersonArrived(greet=False)), (Kiosk(greeting=""), ev.PersonArrived())],
    ids=["soon after the last", "a hall that wants none"],
)
def test_without_a_greeting_the_kiosk_just_turns_to_them(kiosk: Kiosk, event: Event) -> None:
    kiosk.do(event)
    assert kiosk.state is State.ATTENTIVE
    assert kiosk.kinds(ev.Speak, ev.ShowNote) == []
    assert ev.Listen(kiosk.turn) in kiosk.done


def speaking(kiosk: Kiosk) -> None:
    kiosk.do(ev.SpeechStarted(kiosk.turn), ev.SpeechEnded(kiosk.turn))
    kiosk.do(ev.WordsHeard(kiosk.turn, SECRET), ev.Understood(kiosk.turn, ANSWER))


def listening(kiosk: Kiosk) -> None:
    kiosk.do(ev.SpeechStarted(kiosk.turn))


@pytest.mark.parametrize("before", [Kiosk.ask, speaking, listening])
def test_nobody_is_greeted_in_the_middle_of_a_visit(before: Callable[[Kiosk], None]) -> None:
    kiosk = Kiosk()
    before(kiosk)
    state, turn = kiosk.state, kiosk.turn
    assert kiosk.do(ev.PersonArrived()) == [ev.StopTimer("left")]
    assert (kiosk.state, kiosk.turn) == (state, turn)


def test_the_visit_of_who_has_left_is_wiped_after_a_moment() -> None:
    kiosk = greeted()
    kiosk.ask()
    kiosk.do(ev.PersonLeft())
    assert kiosk.done == [ev.StartTimer("left", LEFT_S, kiosk.turn)]
    kiosk.left()
    assert kiosk.state is State.IDLE
    assert ev.Wipe() in kiosk.done
    assert ev.ShowHome() in kiosk.done
    assert not any(SECRET in text for text in texts_held(kiosk.session))


def test_who_is_back_in_that_moment_finds_the_visit_as_it_was() -> None:
    kiosk = greeted()
    kiosk.ask()
    kiosk.do(ev.PersonLeft())
    assert kiosk.do(ev.PersonArrived()) == [ev.StopTimer("left")]
    assert kiosk.state is State.ATTENTIVE


def test_who_leaves_while_being_answered_is_given_the_moment_after_it() -> None:
    kiosk = greeted()
    speaking(kiosk)
    assert kiosk.do(ev.PersonLeft()) == []
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert ev.StartTimer("left", LEFT_S, kiosk.turn) in kiosk.done


def test_speech_of_somebody_out_of_sight_goes_on_with_the_visit() -> None:
    kiosk = greeted()
    kiosk.do(ev.PersonLeft())
    turn = kiosk.turn
    kiosk.do(ev.SpeechStarted(turn))
    assert kiosk.do(ev.TimerFired("left", turn)) == []
    assert kiosk.state is State.LISTENING


def test_a_hand_on_the_screen_is_as_good_as_a_face() -> None:
    kiosk = greeted()
    kiosk.do(ev.PersonLeft(), ev.Chosen("gov.card"), ev.Understood(kiosk.turn + 1, ANSWER))
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert kiosk.kinds(ev.StartTimer) == [ev.StartTimer("quiet", 60.0, kiosk.turn)]


def test_who_waits_for_staff_may_walk_about_for_longer() -> None:
    kiosk = greeted()
    kiosk.ask(STAFF)
    kiosk.do(ev.PersonLeft())
    assert kiosk.done == [ev.StartTimer("left", HANDOFF_LEFT_S, kiosk.turn)]


def test_the_next_one_in_the_queue_sees_nothing_of_the_last_ones_visit() -> None:
    kiosk = greeted()
    kiosk.ask()
    kiosk.do(ev.PersonLeft(), ev.PersonArrived(newcomer=True))
    wiped, spoken = kiosk.done.index(ev.Wipe()), kiosk.done[-1]
    assert isinstance(spoken, ev.Speak)
    assert spoken.texts == (GREETING,)
    assert wiped < len(kiosk.done) - 1
    assert not any(SECRET in text for text in texts_held(kiosk.session))


def test_the_next_one_hears_no_answer_to_the_last_one() -> None:
    kiosk = greeted()
    speaking(kiosk)
    kiosk.do(ev.PersonLeft(), ev.PersonArrived(newcomer=True))
    assert kiosk.kinds(ev.Hush, ev.Wipe, ev.Speak)[:2] == [ev.Hush(), ev.Wipe()]


def test_who_leaves_without_a_visit_changes_nothing() -> None:
    kiosk = Kiosk()
    assert kiosk.do(ev.PersonLeft()) == []
    assert kiosk.state is State.IDLE


def test_who_stays_silent_is_not_greeted_again() -> None:
    kiosk = greeted()
    kiosk.do(ev.TimerFired("quiet", kiosk.turn))
    assert kiosk.state is State.IDLE
    assert kiosk.kinds(ev.Speak) == []


def test_a_refused_camera_is_a_note_and_a_lost_one_is_none() -> None:
    kiosk = Kiosk()
    assert kiosk.do(ev.CameraChanged("denied")) == [ev.ShowNote(NO_CAMERA)]
    states: list[CameraState] = ["on", "off", "missing", "lost"]
    for state in states:
        assert kiosk.do(ev.CameraChanged(state)) == []


# When the ears are open


def test_ears_that_wait_for_a_visit_open_with_it_and_close_after_it() -> None:
    kiosk = Kiosk(policy="presence")
    kiosk.do(ev.MicrophoneChanged("lost"), ev.MicrophoneChanged("on"))
    assert kiosk.kinds(ev.Listen) == []
    kiosk.do(ev.PersonArrived())
    kiosk.do(ev.PlaybackFinished(kiosk.turn))
    assert kiosk.kinds(ev.Listen) == [ev.Listen(kiosk.turn)]
    kiosk.do(ev.PersonLeft())
    kiosk.left()
    assert kiosk.kinds(ev.Listen) == []


def test_a_touch_opens_them_too() -> None:
    kiosk = Kiosk(policy="presence")
    kiosk.do(ev.Pressed("stop"))
    assert kiosk.kinds(ev.Listen) == [ev.Listen(kiosk.turn)]
