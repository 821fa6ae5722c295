"""The state machine: each event in each state, and what must hold whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal import events as ev
from terminal.events import Command, Event, Option, Reply, State
from terminal.manner import ELDER_PAUSE_S, LOUDEST, SLOWEST
from terminal.session import ELDER_QUIET_S, HANDOFF_S, NO_MICROPHONE, QUIET_S, SORRY, Session
from tests.fakes import texts_held

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


# Slower, louder, again


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


def speak_of(commands: list[Command]) -> ev.Speak:
    (speak,) = [command for command in commands if isinstance(command, ev.Speak)]
    return speak


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


def test_an_unknown_timer_is_nobodys() -> None:
    visit = attentive()
    assert visit.do(ev.TimerFired("other", visit.turn)) == []


# Whatever happens

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


@given(STORY)
def test_whatever_happens(story: list[tuple[str | Reply, int]]) -> None:
    watch = Watch()
    for what, off in story:
        turn = watch.visit.turn + off
        watch.do(EVENTS[what](turn) if isinstance(what, str) else ev.Understood(turn, what))


# Breaking in on an answer


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
