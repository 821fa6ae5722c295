"""The state machine: each event in each state, turns, and how visits end."""

from __future__ import annotations

import pytest

from terminal import events as ev
from terminal.events import Event, Reply, State
from terminal.notices import NO_MICROPHONE, SORRY
from terminal.session import HANDOFF_S, QUIET_S
from tests.fakes import texts_held
from tests.terminal.visits import (
    ANSWER,
    EMPTY,
    EVENTS,
    SECRET,
    STAFF,
    STATES,
    Visit,
    attentive,
    control,
    handoff,
    idle,
    listening,
    speaking,
    thinking,
)

TABLE = """
           idle      attentive handoff   listening thinking  speaking
opened     idle      idle      idle      idle      idle      idle
closed     idle      idle      idle      idle      idle      idle
mic-on     .         .         .         .         .         .
mic-off    .         .         .         attentive .         .
mic-lost   .         .         .         attentive .         .
started    listening listening listening .         .         .
caption    .         .         .         .         .         .
ended      .         .         .         thinking  .         .
words      .         .         .         .         .         .
typed      thinking  thinking  thinking  thinking  thinking  thinking
chosen     thinking  thinking  thinking  thinking  thinking  thinking
understood .         .         .         .         speaking  .
finished   .         .         .         .         .         attentive
quiet      idle      idle      idle      .         .         .
failed     idle      attentive handoff   attentive attentive attentive
home       idle      idle      idle      idle      idle      idle
stop       attentive attentive handoff   attentive attentive attentive
staff      thinking  thinking  thinking  thinking  thinking  thinking
repeat     thinking  thinking  thinking  thinking  thinking  thinking
slower     thinking  thinking  thinking  thinking  thinking  thinking
louder     thinking  thinking  thinking  thinking  thinking  thinking
elder      thinking  thinking  thinking  thinking  thinking  thinking
"""
HEADER, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], before, row[n]) for row in ROWS for n, before in enumerate(HEADER, 1)]


@pytest.mark.parametrize(("event", "before", "after"), CELLS)
def test_each_event_in_each_state(event: str, before: str, after: str) -> None:
    visit = STATES[before]()
    assert visit.state == before
    visit.do(EVENTS[event](visit.turn))
    assert visit.state == (before if after == "." else after)


def test_the_table_knows_every_event_and_state() -> None:
    assert [row[0] for row in ROWS] == list(EVENTS)
    assert list(STATES) == HEADER


TURN_BOUND = "started caption ended words understood finished quiet failed".split()


@pytest.mark.parametrize("event", TURN_BOUND)
@pytest.mark.parametrize("before", HEADER)
@pytest.mark.parametrize("off", [-1, 1])
def test_an_event_of_another_turn_is_ignored(event: str, before: str, off: int) -> None:
    visit = STATES[before]()
    turn = visit.turn
    assert visit.do(EVENTS[event](turn + off)) == []
    assert (visit.state, visit.turn) == (before, turn)


# A turn


def test_a_spoken_turn_from_ears_to_mouth() -> None:
    visit = idle()
    turn = visit.turn
    assert visit.do(ev.SpeechStarted(turn)) == [
        ev.StopTimer("quiet"),
        ev.ShowState(State.LISTENING, turn),
    ]
    assert visit.do(ev.Captioned(turn, "社保")) == [ev.ShowCaption(turn, "社保")]
    assert visit.do(ev.SpeechEnded(turn)) == [ev.ShowState(State.THINKING, turn)]
    words = ev.WordsHeard(turn, "社保卡丢了")
    assert visit.do(words) == [ev.Understand(turn, words)]
    assert visit.answer() == [
        ev.Deafen(),
        ev.ShowReply(turn, ANSWER),
        ev.ShowState(State.SPEAKING, turn),
        ev.Speak(turn, (ANSWER.spoken,), 1.0, 1.0),
    ]
    assert visit.do(ev.PlaybackFinished(turn)) == [
        ev.ShowState(State.ATTENTIVE, turn + 1),
        ev.Listen(turn + 1),
        ev.StartTimer("quiet", QUIET_S, turn + 1),
    ]


@pytest.mark.parametrize("before", HEADER)
def test_typing_drops_whatever_is_going_on(before: str) -> None:
    visit = STATES[before]()
    turn = visit.turn + 1
    assert visit.do(ev.Typed("怎么办")) == [
        ev.StopTimer("quiet"),
        ev.Deafen(),
        ev.Hush(),
        ev.ShowState(State.THINKING, turn),
        ev.Understand(turn, ev.WordsHeard(turn, "怎么办")),
    ]


def test_a_tapped_topic_is_recalled_with_its_aspect() -> None:
    visit = speaking()
    visit.do(ev.Chosen("gov.card", "fee"))
    assert visit.done[-1] == ev.Recall(visit.turn, "gov.card", "fee")
    assert ev.Hush() in visit.done


def test_an_empty_caption_is_not_shown() -> None:
    visit = listening()
    assert visit.do(ev.Captioned(visit.turn, "")) == []


def test_an_unclear_answer_does_not_become_the_one_to_repeat() -> None:
    visit = attentive()
    visit.ask(EMPTY)
    visit.speak()
    visit.answer(control("repeat"))
    assert visit.done[-1] == ev.Speak(visit.turn, ("好的：repeat。", ANSWER.spoken), 1.0, 1.0)


def test_a_broken_stage_says_sorry_and_listens_again() -> None:
    visit = speaking()
    visit.do(ev.Failed(visit.turn, "speaking"))
    assert visit.done[:3] == [ev.Deafen(), ev.Hush(), ev.ShowNote(SORRY)]
    assert ev.Listen(visit.turn) in visit.done


# Stop, goodbye, staff, home


def test_the_spoken_stop_says_nothing_and_listens() -> None:
    visit = thinking()
    commands = visit.answer(control("stop"))
    assert ev.Hush() in commands
    assert ev.Listen(visit.turn) in commands
    assert not any(isinstance(command, ev.Speak) for command in commands)


def test_the_stop_button_hushes_and_listens_in_a_new_turn() -> None:
    visit = speaking()
    turn = visit.turn
    visit.do(ev.Pressed("stop"))
    assert ev.Hush() in visit.done
    assert visit.done[-2:] == [
        ev.Listen(visit.turn),
        ev.StartTimer("quiet", QUIET_S, visit.turn),
    ]
    assert visit.turn > turn
    assert visit.do(ev.PlaybackFinished(turn)) == []


def test_goodbye_is_spoken_and_then_wipes() -> None:
    visit = attentive()
    visit.speak()
    visit.answer(control("goodbye"))
    assert visit.done[-1] == ev.Speak(visit.turn, ("好的：goodbye。",), 1.0, 1.0)
    assert ev.Wipe() not in visit.done
    visit.do(ev.PlaybackFinished(visit.turn))
    assert ev.Wipe() in visit.done
    assert visit.state is State.IDLE


@pytest.mark.parametrize("event", [ev.Typed("还有"), ev.Pressed("stop"), "failed"])
def test_who_stays_after_goodbye_is_not_sent_away(event: Event | str) -> None:
    visit = attentive()
    visit.speak()
    visit.answer(control("goodbye"))
    visit.do(ev.Failed(visit.turn, "speaking") if isinstance(event, str) else event)
    if visit.state is not State.THINKING:
        visit.speak()
    visit.answer()
    visit.do(ev.PlaybackFinished(visit.turn))
    assert ev.Wipe() not in visit.done
    assert visit.state is State.ATTENTIVE


def test_handoff_calls_staff_and_waits_longer() -> None:
    visit = idle()
    commands = visit.ask(STAFF)
    assert [c for c in commands if isinstance(c, ev.CallStaff)] == [
        ev.CallStaff(visit.turn - 1, ev.Ticket("control.handoff"))
    ]
    assert visit.state is State.HANDOFF
    assert ev.StartTimer("quiet", HANDOFF_S, visit.turn) in visit.done


def test_the_reason_for_staff_never_holds_words() -> None:
    visit = thinking()
    visit.answer(Reply("handoff", "来人。", "", heard=SECRET))
    called = visit.first(ev.CallStaff)
    assert called == ev.CallStaff(visit.turn, ev.Ticket("control.handoff"))


def test_a_question_while_waiting_for_staff_is_answered() -> None:
    visit = handoff()
    visit.ask()
    assert visit.state is State.ATTENTIVE


@pytest.mark.parametrize("before", HEADER)
def test_home_ends_the_visit(before: str) -> None:
    visit = STATES[before]()
    visit.do(ev.Pressed("home"))
    assert visit.done[:5] == [
        ev.StopTimer("quiet"),
        ev.Deafen(),
        ev.Hush(),
        ev.Wipe(),
        ev.ShowHome(),
    ]
    assert visit.done[-1] == ev.Listen(visit.turn)


# Microphone and page


@pytest.mark.parametrize("state", ["denied", "missing", "lost"])
def test_without_a_microphone_the_citizen_is_told_to_type(state: ev.MicrophoneState) -> None:
    visit = Visit(microphone=False)
    assert visit.do(ev.MicrophoneChanged(state)) == [ev.ShowNote(NO_MICROPHONE[state])]
    visit.do(ev.Typed("怎么办"))
    visit.answer()
    visit.do(ev.PlaybackFinished(visit.turn))
    assert not any(isinstance(command, ev.Listen) for command in visit.done)


def test_a_microphone_that_comes_is_listened_to_once() -> None:
    visit = Visit(microphone=False)
    assert visit.do(ev.MicrophoneChanged("on")) == [ev.Listen(visit.turn)]
    assert visit.do(ev.MicrophoneChanged("on")) == []


def test_a_microphone_that_comes_during_an_answer_waits_for_its_end() -> None:
    visit = Visit(microphone=False)
    visit.do(ev.Typed("怎么办"))
    assert visit.do(ev.MicrophoneChanged("on")) == []
    visit.answer()
    visit.do(ev.PlaybackFinished(visit.turn))
    assert ev.Listen(visit.turn) in visit.done


def test_a_microphone_lost_in_mid_question_closes_the_ears() -> None:
    visit = listening()
    turn = visit.turn
    visit.do(ev.MicrophoneChanged("lost"))
    assert visit.done[0] == ev.Deafen()
    assert not any(isinstance(command, ev.Listen) for command in visit.done)
    assert visit.do(ev.WordsHeard(turn, SECRET)) == []


def test_a_tab_closed_in_mid_answer_hushes_and_wipes() -> None:
    visit = speaking()
    turn = visit.turn
    assert visit.do(ev.ScreenClosed()) == [
        ev.StopTimer("quiet"),
        ev.Deafen(),
        ev.Hush(),
        ev.Wipe(),
        ev.ShowState(State.IDLE, turn + 1),
    ]
    assert visit.do(ev.PlaybackFinished(turn)) == []
    assert SECRET not in "".join(texts_held(visit.session))


def test_a_page_that_opens_over_another_starts_afresh() -> None:
    visit = speaking()
    visit.do(ev.ScreenOpened())
    assert [ev.Hush(), ev.Wipe(), ev.ShowHome()] == [
        c for c in visit.done if isinstance(c, ev.Hush | ev.Wipe | ev.ShowHome)
    ]


def test_the_quiet_timer_wipes() -> None:
    visit = attentive()
    assert any(SECRET in text for text in texts_held(visit.session))
    visit.do(ev.TimerFired("quiet", visit.turn))
    assert ev.Wipe() in visit.done
    assert not any(SECRET in text for text in texts_held(visit.session))


def test_a_quiet_timer_that_fires_as_the_citizen_begins_to_speak_is_too_late() -> None:
    visit = attentive()
    turn = visit.turn
    visit.do(ev.SpeechStarted(turn))
    assert visit.do(ev.TimerFired("quiet", turn)) == []


def test_a_rating_is_a_sign_of_somebody_and_says_nothing() -> None:
    visit = attentive()
    visit.do(ev.PersonLeft())
    done = visit.do(ev.Rated(5))
    assert done == [ev.StopTimer("left"), ev.StartTimer("quiet", QUIET_S, visit.turn)]
    assert visit.state == "attentive"


def test_a_rating_without_a_visit_is_nobodys() -> None:
    assert idle().do(ev.Rated(5)) == []


def test_an_unknown_timer_is_nobodys() -> None:
    visit = attentive()
    assert visit.do(ev.TimerFired("other", visit.turn)) == []
