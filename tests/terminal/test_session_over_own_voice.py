"""Breaking in on an answer, through the state machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from terminal import events as ev
from terminal.events import Event, Reply, State
from terminal.session import Session
from tests.terminal.visits import (
    ANSWER,
    EMPTY,
    SECRET,
    STATES,
    Visit,
    control,
)

HEADER = list(STATES)


class OpenVisit(Visit):
    """A session whose ears stay open while it speaks, in the middle of an answer."""

    def __init__(self, reply: Reply = ANSWER) -> None:
        super().__init__()
        self.session = Session(barge_in=True)
        self.do(ev.ScreenOpened())
        self.do(ev.MicrophoneChanged("on"))
        self.speak()
        self.answered = self.do(ev.Understood(self.turn, reply))
        assert self.state is State.SPEAKING


def test_while_it_speaks_the_ears_stay_open() -> None:
    visit = OpenVisit()
    assert visit.answered[-1] == ev.ListenIn(visit.turn)
    assert ev.Deafen() not in visit.answered


def test_without_barge_in_they_close() -> None:
    visit = Visit()
    visit.speak()
    done = visit.do(ev.Understood(visit.turn, ANSWER))
    assert ev.Deafen() in done
    assert not any(isinstance(command, ev.ListenIn) for command in done)


def test_without_a_microphone_there_is_nothing_to_open() -> None:
    visit = Visit(microphone=False)
    visit.session = Session(barge_in=True)
    visit.do(ev.Typed(SECRET))
    done = visit.do(ev.Understood(visit.turn, ANSWER))
    assert ev.Deafen() in done
    assert not any(isinstance(command, ev.ListenIn) for command in done)


def test_suspected_speech_pauses_and_nothing_resumes() -> None:
    visit = OpenVisit()
    turn = visit.turn
    assert visit.do(ev.SpeechSuspected(turn))[0] == ev.Pause(turn)
    assert ev.Resume(turn) in visit.do(ev.SuspicionDropped(turn))
    assert (visit.state, visit.turn) == (State.SPEAKING, turn)


def test_doubt_does_not_last() -> None:
    visit = OpenVisit()
    done = visit.do(ev.SpeechSuspected(visit.turn))
    (timer,) = [command for command in done if isinstance(command, ev.StartTimer)]
    assert ev.Resume(visit.turn) in visit.do(ev.TimerFired(timer.name, timer.turn))


def test_words_end_the_answer_and_begin_a_turn() -> None:
    visit = OpenVisit()
    old = visit.turn
    visit.do(ev.SpeechSuspected(old))
    done = visit.do(ev.Interrupted(old))
    assert ev.Hush() in done
    assert done[-1] == ev.ListenOn(old + 1)
    assert (visit.state, visit.turn) == (State.LISTENING, old + 1)


@pytest.mark.parametrize(
    "late",
    [ev.PlaybackFinished, ev.SuspicionDropped, ev.SpeechSuspected, ev.Interrupted],
    ids=lambda kind: kind.__name__,
)
def test_what_comes_late_of_the_old_answer_changes_nothing(late: Callable[[int], Event]) -> None:
    visit = OpenVisit()
    old = visit.turn
    visit.do(ev.Interrupted(old))
    assert visit.do(late(old)) == []
    assert visit.do(ev.TimerFired("doubt", old)) == []


def broken_in_on(reply: Reply = ANSWER) -> tuple[OpenVisit, int]:
    """A visit in which something broke in on an answer, and has ended; and its turn."""
    visit = OpenVisit(reply)
    old = visit.turn
    visit.do(ev.SpeechSuspected(old))
    done = visit.do(ev.Interrupted(old, unsure=True))
    assert ev.Hush() not in done
    assert ev.Pause(old) in done
    assert visit.state is State.LISTENING
    visit.do(ev.SpeechEnded(visit.turn))
    return visit, old


def test_behind_a_listeners_word_the_answer_goes_on_to_its_end() -> None:
    visit, old = broken_in_on()
    done = visit.do(ev.WordsHeard(visit.turn, "好的", idle=True))
    assert ev.Resume(old) in done
    assert done[-1] == ev.ListenIn(visit.turn)
    assert not any(isinstance(each, ev.Understand) for each in done)
    assert visit.do(ev.PlaybackFinished(visit.turn)) == [], "that is not what is being said"
    assert ev.ListenOn(visit.turn + 1) in visit.do(ev.PlaybackFinished(old))


def test_words_that_ask_end_it_for_good() -> None:
    visit, old = broken_in_on()
    kinds = [type(each) for each in visit.do(ev.WordsHeard(visit.turn, "社保卡丢了"))]
    assert kinds.index(ev.Hush) < kinds.index(ev.Understand)
    assert ev.Resume(old) not in visit.do(ev.WordsHeard(visit.turn, "好的", idle=True))
    assert visit.do(ev.PlaybackFinished(old)) == []


def test_behind_a_scrap_of_which_nothing_can_be_made_it_goes_on() -> None:
    visit, old = broken_in_on()
    assert ev.Hush() not in visit.do(ev.WordsHeard(visit.turn, "号低"))
    done = visit.do(ev.Understood(visit.turn, EMPTY))
    assert ev.TakeBack() in done
    assert ev.Resume(old) in done
    assert not any(isinstance(each, ev.Speak) for each in done)


def test_a_scrap_that_means_something_ends_it() -> None:
    visit, old = broken_in_on()
    visit.do(ev.WordsHeard(visit.turn, "厕所"))
    done = visit.do(ev.Understood(visit.turn, ANSWER))
    kinds = [type(each) for each in done]
    assert kinds.index(ev.Hush) < kinds.index(ev.Speak)
    assert visit.do(ev.PlaybackFinished(old)) == []


def test_whoever_said_more_that_was_not_understood_is_told() -> None:
    visit, _old = broken_in_on()
    assert ev.Hush() in visit.do(ev.WordsHeard(visit.turn, "不知道说了些什么"))
    assert any(isinstance(each, ev.Speak) for each in visit.do(ev.Understood(visit.turn, EMPTY)))


def test_the_same_answer_can_be_broken_in_on_again() -> None:
    visit, old = broken_in_on()
    visit.do(ev.WordsHeard(visit.turn, "好的", idle=True))
    again = visit.turn
    assert ev.Pause(old) in visit.do(ev.SpeechSuspected(again))
    assert ev.Resume(old) in visit.do(ev.SuspicionDropped(again))
    assert ev.Hush() in visit.do(ev.Interrupted(again))


def test_an_answer_that_was_over_all_but_a_moment_does_not_wait() -> None:
    visit, old = broken_in_on()
    assert visit.do(ev.PlaybackFinished(old)) == [ev.Hush()]
    done = visit.do(ev.WordsHeard(visit.turn, "好的", idle=True))
    assert any(isinstance(each, ev.Understand) for each in done)


@pytest.mark.parametrize(
    "end",
    [
        lambda visit: ev.OnlyCalled(visit.turn),
        lambda _visit: ev.Typed(SECRET),
        lambda _visit: ev.Pressed("stop"),
        lambda _visit: ev.Pressed("home"),
        lambda _visit: ev.MicrophoneChanged("lost"),
        lambda visit: ev.Failed(visit.turn, "recognizing"),
        lambda visit: ev.Failed(visit.turn - 1, "speaking"),
        lambda _visit: ev.ScreenClosed(),
        lambda _visit: ev.ServiceChanged(False),
    ],
)
def test_whatever_else_happens_it_does_not_come_back(end: Callable[[Visit], Event]) -> None:
    visit = OpenVisit()
    old = visit.turn
    visit.do(ev.Interrupted(old, unsure=True))
    if end(visit) != ev.MicrophoneChanged("lost"):
        visit.do(ev.SpeechEnded(visit.turn))
    assert ev.Hush() in visit.do(end(visit))
    assert ev.Resume(old) not in visit.do(ev.WordsHeard(visit.turn, "好的", idle=True))


def test_a_goodbye_does_not_wait() -> None:
    visit = OpenVisit(control("goodbye"))
    assert ev.Hush() in visit.do(ev.Interrupted(visit.turn, unsure=True))


def test_an_answer_heard_to_its_end_leaves_the_ears_open_on_what_has_begun() -> None:
    visit = OpenVisit()
    done = visit.do(ev.PlaybackFinished(visit.turn))
    assert ev.ListenOn(visit.turn) in done
    assert not any(isinstance(command, ev.Listen) for command in done)
    visit.do(ev.SpeechStarted(visit.turn))
    assert visit.state is State.LISTENING


def test_a_goodbye_can_be_interrupted() -> None:
    visit = OpenVisit(control("goodbye"))
    visit.do(ev.Interrupted(visit.turn))
    visit.do(ev.SpeechEnded(visit.turn))
    visit.do(ev.WordsHeard(visit.turn, "等等"))
    visit.do(ev.Understood(visit.turn, ANSWER))
    visit.do(ev.PlaybackFinished(visit.turn))
    assert visit.state is State.ATTENTIVE


def test_elder_mode_stays_patient_when_it_is_interrupted() -> None:
    visit = OpenVisit()
    visit.do(ev.Pressed("elder"))
    visit.do(ev.Understood(visit.turn, control("elder_mode")))
    assert visit.do(ev.Interrupted(visit.turn))[-1] == ev.ListenOn(visit.turn, patient=True)


@pytest.mark.parametrize("event", [ev.SpeechSuspected, ev.Interrupted], ids=["suspected", "words"])
def test_while_nothing_is_said_there_is_nothing_to_break_in_on(
    event: Callable[[int], Event],
) -> None:
    visit = Visit()
    assert visit.do(event(visit.turn)) == []
