"""Out of service, and notices: what the staff order."""

from __future__ import annotations

import pytest

from terminal import events as ev
from terminal.events import State
from terminal.notices import CLOSED, STAFF_TOLD
from tests.fakes import texts_held
from tests.terminal.visits import SECRET, Visit, attentive, idle, listening, speaking, thinking

NOTICE = "办事请先取号。"


def is_idle(visit: Visit) -> bool:
    return visit.state is State.IDLE


@pytest.mark.parametrize("state", [idle, attentive, listening, thinking, speaking])
def test_taken_out_of_service_in_any_state_at_once(state: type[Visit]) -> None:
    visit = state()
    turn = visit.turn
    visit.do(ev.ServiceChanged(on=False))
    assert visit.state is State.OUT_OF_SERVICE
    assert visit.turn > turn
    kinds = [type(each) for each in visit.done]
    assert {ev.Deafen, ev.Hush, ev.Wipe, ev.ShowHome} <= set(kinds)
    assert kinds[-1] is ev.ShowState
    assert ev.Listen not in kinds
    assert not any(SECRET in text for text in texts_held(visit.session))


def test_nobody_is_served_then_but_staff_can_be_called() -> None:
    visit = idle()
    visit.do(ev.ServiceChanged(on=False))
    assert visit.do(ev.Typed("社保卡")) == [ev.ShowNote(CLOSED)]
    assert visit.do(ev.SpeechStarted(visit.turn)) == []
    assert visit.do(ev.PersonArrived()) == []
    assert visit.do(ev.WakeHeard(visit.turn)) == []
    assert visit.do(ev.TimerFired("quiet", visit.turn)) == []
    assert visit.do(ev.Announced(NOTICE)) == []
    assert visit.do(ev.ServiceChanged(on=False)) == []
    called = visit.do(ev.Pressed("staff"))
    assert called == [
        ev.CallStaff(visit.turn, ev.Ticket("control.handoff")),
        ev.ShowNote(STAFF_TOLD),
    ]


def test_page_that_comes_anew_is_told() -> None:
    visit = idle()
    visit.do(ev.ServiceChanged(on=False))
    visit.do(ev.ScreenClosed())
    done = visit.do(ev.ScreenOpened())
    assert done == [ev.ShowHome(), ev.ShowState(State.OUT_OF_SERVICE, visit.turn)]


def test_a_new_reason_is_shown_at_once() -> None:
    visit = idle()
    visit.do(ev.ServiceChanged(on=False, reason="停电检修。"))
    assert visit.done[-1] == ev.ShowState(State.OUT_OF_SERVICE, visit.turn, "停电检修。")
    done = visit.do(ev.ServiceChanged(on=False, reason="明天恢复。"))
    assert done == [ev.ShowState(State.OUT_OF_SERVICE, visit.turn, "明天恢复。")]
    assert visit.do(ev.ServiceChanged(on=False, by="heat", reason="太热。")) == []
    done = visit.do(ev.ServiceChanged(on=True))
    assert done == [ev.ShowState(State.OUT_OF_SERVICE, visit.turn, "太热。")]


def test_back_in_service_it_listens_again() -> None:
    visit = idle()
    visit.do(ev.ServiceChanged(on=False))
    visit.do(ev.MicrophoneChanged("off"))
    visit.do(ev.MicrophoneChanged("on"))
    done = visit.do(ev.ServiceChanged(on=True))
    assert visit.state is State.IDLE
    assert ev.Listen(visit.turn) in done
    assert visit.do(ev.ServiceChanged(on=True)) == []


def test_late_answer_does_not_come_out_of_service() -> None:
    visit = thinking()
    turn = visit.turn
    visit.do(ev.ServiceChanged(on=False))
    assert visit.do(ev.Understood(turn, ev.Reply("answered", "x", "x"))) == []
    assert visit.do(ev.PlaybackFinished(turn)) == []


def test_notice_is_said_at_once_to_an_empty_hall() -> None:
    visit = idle()
    visit.do(ev.Announced(NOTICE))
    assert visit.state is State.SPEAKING
    speak = visit.first(ev.Speak)
    assert isinstance(speak, ev.Speak)
    assert speak.texts == (NOTICE,)
    visit.do(ev.PlaybackFinished(visit.turn))
    assert is_idle(visit)
    assert visit.do(ev.TimerFired("quiet", visit.turn)) != []


def test_notice_waits_for_the_end_of_a_visit() -> None:
    visit = attentive()
    assert visit.do(ev.Announced(NOTICE)) == []
    visit.do(ev.TimerFired("quiet", visit.turn))
    assert visit.state is State.SPEAKING
    visit.do(ev.PlaybackFinished(visit.turn))
    assert is_idle(visit)
    visit.ask()
    visit.do(ev.TimerFired("quiet", visit.turn))
    assert is_idle(visit)
