"""Slower, louder, again, and elder mode."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terminal import events as ev
from terminal.events import Event, State
from terminal.manner import ELDER_PAUSE_S, LOUDEST, SLOWEST
from terminal.session import ELDER_QUIET_S, HANDOFF_S, QUIET_S
from tests.terminal.visits import (
    ANSWER,
    EMPTY,
    STAFF,
    STATES,
    Visit,
    attentive,
    control,
    idle,
    speak_of,
    speaking,
    thinking,
)

HEADER = list(STATES)


def test_repeat_says_the_last_answer_again() -> None:
    visit = attentive()
    visit.do(ev.Pressed("repeat"))
    assert visit.done[-1] == ev.Recall(visit.turn, "control.repeat")
    answer = visit.answer(control("repeat"))
    assert answer[-1] == ev.Speak(visit.turn, ("好的：repeat。", ANSWER.spoken), 1.0, 1.0)


def test_repeat_with_nothing_said_before_only_acknowledges() -> None:
    visit = thinking()
    visit.answer(control("repeat"))
    assert visit.done[-1] == ev.Speak(visit.turn, ("好的：repeat。",), 1.0, 1.0)


def test_slower_slows_down_to_a_limit_and_repeats_the_answer() -> None:
    visit = attentive()
    said = [speak_of(visit.ask(control("slower"))) for _ in range(6)]
    speeds = [speak.speed for speak in said]
    assert speeds[0] == pytest.approx(0.85)
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == SLOWEST
    assert all(speak.texts[-1] == ANSWER.spoken for speak in said)


def test_louder_raises_the_gain_to_a_limit() -> None:
    visit = attentive()
    gains = [speak_of(visit.ask(control("louder"))).gain for _ in range(6)]
    assert gains[0] == pytest.approx(1.5)
    assert gains == sorted(gains)
    assert gains[-1] == LOUDEST


def test_elder_mode_is_slower_and_louder_at_once_and_never_undoes_more() -> None:
    visit = attentive()
    first = speak_of(visit.ask(control("elder_mode")))
    assert [first.speed, first.gain] == pytest.approx([0.85, 1.5])
    assert first.texts == ("好的：elder_mode。", ANSWER.spoken)
    visit.ask(control("slower"))
    again = speak_of(visit.ask(control("elder_mode")))
    assert again.speed == pytest.approx(0.85 * 0.85)


def elder() -> Visit:
    visit = attentive()
    visit.ask(control("elder_mode"))
    return visit


def test_the_phrase_brings_elder_mode_and_asked_again_it_stays() -> None:
    visit = attentive()
    for _ in range(2):
        commands = visit.ask(control("elder_mode"))
        assert ev.ShowMode(elder=True) in commands
        assert speak_of(commands).texts == ("好的：elder_mode。", ANSWER.spoken)
        assert visit.session.elder


def test_the_button_brings_elder_mode_before_its_words_are_found() -> None:
    visit = speaking()
    visit.do(ev.Pressed("elder"))
    assert visit.done[-2:] == [
        ev.ShowMode(elder=True),
        ev.Recall(visit.turn, "control.elder_mode"),
    ]
    said = speak_of(visit.answer(control("elder_mode")))
    assert said.texts == ("好的：elder_mode。", ANSWER.spoken)
    assert [said.speed, said.gain, said.pause_s] == pytest.approx([0.85, 1.5, ELDER_PAUSE_S])


def test_a_button_pressed_twice_leaves_the_mode_whatever_answer_comes_late() -> None:
    visit = idle()
    visit.do(ev.Pressed("elder"))
    turn = visit.turn
    visit.do(ev.Pressed("elder"))
    assert visit.do(ev.Understood(turn, control("elder_mode"))) == []
    assert not visit.session.elder


def test_elder_mode_says_the_answer_alone_and_shows_it_whole() -> None:
    long = replace(ANSWER, spoken="请到3号窗口。带身份证和照片。您是本人办吗？")
    visit = elder()
    commands = visit.ask(long)
    assert speak_of(commands).texts == ("请到3号窗口。您是本人办吗？",)
    assert [each.reply for each in commands if isinstance(each, ev.ShowReply)] == [long]
    called = visit.ask(replace(STAFF, spoken="工作人员马上来。请稍等。"))
    assert speak_of(called).texts == ("工作人员马上来。请稍等。",)


def test_elder_mode_is_patient() -> None:
    visit = elder()
    visit.ask()
    assert visit.done == [
        ev.ShowState(State.ATTENTIVE, visit.turn),
        ev.Listen(visit.turn, patient=True),
        ev.StartTimer("quiet", ELDER_QUIET_S, visit.turn),
    ]
    visit.do(ev.MicrophoneChanged("off"))
    assert visit.do(ev.MicrophoneChanged("on")) == [ev.Listen(visit.turn, patient=True)]


def test_who_waits_for_staff_in_elder_mode_is_given_no_less_time() -> None:
    visit = elder()
    visit.ask(STAFF)
    assert ev.StartTimer("quiet", HANDOFF_S, visit.turn) in visit.done


@pytest.mark.parametrize("before", HEADER)
def test_the_button_brings_the_ordinary_screen_back_and_is_quiet(before: str) -> None:
    visit = STATES[before]()
    visit.do(ev.Pressed("elder"))
    visit.do(ev.Pressed("elder"))
    assert ev.ShowMode(elder=False) in visit.done
    assert ev.Hush() in visit.done
    assert not any(isinstance(command, ev.Recall | ev.Speak) for command in visit.done)
    assert ev.Listen(visit.turn) in visit.done
    said = speak_of(visit.ask())
    assert (said.speed, said.gain, said.pause_s) == (1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    "end",
    [ev.Pressed("home"), ev.ScreenClosed(), ev.ScreenOpened(), "quiet", "goodbye"],
    ids=str,
)
def test_elder_mode_ends_with_the_visit(end: Event | str) -> None:
    visit = elder()
    if end == "goodbye":
        visit.ask(control("goodbye"))
    elif isinstance(end, str):
        visit.do(ev.TimerFired(end, visit.turn))
    else:
        visit.do(end)
    assert ev.Wipe() in visit.done
    visit.do(ev.MicrophoneChanged("on"))
    assert not visit.session.elder
    assert speak_of(visit.ask()).speed == 1.0
    assert visit.first(ev.Listen) == ev.Listen(visit.turn)


def test_what_is_said_again_is_shown_again() -> None:
    visit = attentive()
    visit.ask(EMPTY)
    shown = [c for c in visit.ask(control("repeat")) if isinstance(c, ev.ShowReply)]
    assert [command.reply for command in shown] == [ANSWER]


def test_an_acknowledgement_with_nothing_to_repeat_is_shown() -> None:
    visit = idle()
    shown = [c for c in visit.ask(control("louder")) if isinstance(c, ev.ShowReply)]
    assert [command.reply for command in shown] == [control("louder")]


def test_speed_and_loudness_hold_for_the_visit_and_not_for_the_next() -> None:
    visit = attentive()
    visit.ask(control("slower"))
    visit.ask(control("louder"))
    kept = speak_of(visit.ask())
    assert [kept.speed, kept.gain] == pytest.approx([0.85, 1.5])
    visit.do(ev.TimerFired("quiet", visit.turn))
    fresh = speak_of(visit.ask())
    assert (fresh.speed, fresh.gain) == (1.0, 1.0)


def test_a_visit_that_only_asked_for_louder_ends_too() -> None:
    visit = idle()
    visit.ask(control("louder"))
    assert visit.first(ev.StartTimer) == ev.StartTimer("quiet", QUIET_S, visit.turn)
    visit.do(ev.TimerFired("quiet", visit.turn))
    assert speak_of(visit.ask()).gain == 1.0
