"""What leaves the kiosk, told from a visit's steps; and that nothing else does."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import codec
from fleet.records import QualityRecord, SessionRecord, TicketRecord, UnansweredRecord
from knowledge.pack import Pack
from terminal import events as ev
from terminal.dialogue import phrases
from terminal.dialogue.dialogue import Dialogue
from terminal.dialogue.redaction import MASK, holds_number
from terminal.events import Reply
from terminal.report import Filed, Reporter, sayable
from terminal.session import Session
from tests.terminal.visits import ANSWER, EMPTY, STAFF, control

CLOCK_S = 1_700_000_123.0


class Hall:
    """A session with the reporter beside it, as the runner has them."""

    def __init__(self, *, text: bool = False, answer: Callable[[str], Reply] | None = None) -> None:
        ids = (f"{number:016x}" for number in itertools.count(1))
        self.reporter = Reporter("gov-hall@3", lambda: next(ids), text=text)
        self.session = Session("您好")
        self.jump_s = 0.0
        self.filed: list[Filed] = []
        self.now = 100.0
        self._answer = answer
        self.do(ev.ScreenOpened())
        self.do(ev.MicrophoneChanged("on"))

    def do(self, event: ev.Event) -> None:
        commands = self.session.handle(event, self.now)
        clock_s = CLOCK_S + self.jump_s + self.now
        self.filed += self.reporter.step(self.now, clock_s, event, commands)
        self.now += 1

    def ask(self, reply: Reply, waited_ms: float | None = None) -> None:
        self.do(ev.SpeechStarted(self.session.turn))
        self.do(ev.SpeechEnded(self.session.turn))
        self.do(ev.WordsHeard(self.session.turn, reply.heard))
        turn = self.session.turn
        self.do(ev.Understood(turn, reply))
        if waited_ms is not None:
            self.reporter.waited(turn, waited_ms)
        self.do(ev.PlaybackFinished(self.session.turn))

    def go(self) -> None:
        self.do(ev.Pressed("home"))

    def of(self, kind: type[Any]) -> list[Any]:
        return [each.record for each in self.filed if isinstance(each.record, kind)]


UNKNOWN = Reply("unknown", "这个我不知道。", "", heard="火星上房价多少", confidence=0.2)


def test_visit_becomes_one_session() -> None:
    hall = Hall()
    hall.ask(ANSWER, waited_ms=640.4)
    hall.ask(UNKNOWN)
    hall.do(ev.Rated(4))
    hall.go()
    (session,) = hall.of(SessionRecord)
    assert [turn.outcome for turn in session.turns] == ["answered", "unknown"]
    assert [turn.waited_ms for turn in session.turns] == [640, None]
    assert [turn.answer_id for turn in session.turns] == ["gov.card", None]
    assert (session.ended, session.pack, session.elder) == ("touch", "gov-hall@3", False)
    assert session.lasted_s == 11
    at = {each.at for each in hall.filed}
    assert at == {session.minute * 60.0}
    kinds = [each.record.kind for each in hall.filed]
    assert kinds == ["session", "unanswered", "rating"]


@pytest.mark.parametrize("jump_s", [-CLOCK_S, -3600.0, 3600.0, 56 * 365 * 86_400.0])
def test_a_jump_of_the_clock_is_not_part_of_a_visit(jump_s: float) -> None:
    hall = Hall()
    hall.ask(ANSWER)
    hall.jump_s = jump_s
    hall.ask(UNKNOWN)
    assert hall.of(SessionRecord) == [], "it does not end it either"
    hall.go()
    (session,) = hall.of(SessionRecord)
    assert session.lasted_s == 10
    assert session.minute == int(CLOCK_S + 101) // 60, "when it began"


def test_nobody_is_no_visit() -> None:
    hall = Hall()
    hall.go()
    hall.do(ev.ScreenClosed())
    hall.do(ev.ScreenOpened())
    assert hall.filed == []


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (lambda hall: hall.do(ev.TimerFired("quiet", hall.session.turn)), "quiet"),
        (lambda hall: hall.do(ev.TimerFired("left", hall.session.turn)), "left"),
        (lambda hall: hall.do(ev.PersonArrived(newcomer=True)), "left"),
        (lambda hall: hall.ask(control("goodbye")), "goodbye"),
    ],
)
def test_how_a_visit_ended_is_told(end: Callable[[Hall], None], ended: str) -> None:
    hall = Hall()
    hall.ask(ANSWER)
    end(hall)
    assert [session.ended for session in hall.of(SessionRecord)] == [ended]


def test_staff_are_called_by_a_ticket_at_once() -> None:
    hall = Hall()
    hall.ask(STAFF)
    (ticket,) = hall.of(TicketRecord)
    assert (ticket.sort, ticket.reason, ticket.story) == ("handoff", "control.handoff", ())
    hall.do(ev.TimerFired("quiet", hall.session.turn))
    assert hall.of(SessionRecord)[0].ended == "handoff"


def test_what_went_less_well_is_flagged() -> None:
    hall = Hall()
    hall.ask(ANSWER, waited_ms=2500)
    hall.ask(control("repeat"))
    hall.do(ev.SpeechStarted(hall.session.turn))
    hall.do(ev.Failed(hall.session.turn, "recognizing"))
    given_up = Reply("handoff", phrases.TWICE["zh"], "", answer_id="control.handoff")
    hall.ask(given_up)
    hall.go()
    flags = [(each.flag, each.detail) for each in hall.of(QualityRecord)]
    assert flags == [("slow", ""), ("repeated", ""), ("failed", "recognizing"), ("given_up", "")]
    assert [each.outcome for each in hall.of(UnansweredRecord)] == ["handoff"]


@pytest.mark.parametrize(
    ("unsure", "words", "reply", "interruptions", "turns"),
    [
        (False, ev.WordsHeard(2, "厕所在哪"), ANSWER, 1, 2),
        (True, ev.WordsHeard(2, "社保卡丢了"), ANSWER, 1, 2),
        (True, ev.WordsHeard(2, "厕所"), ANSWER, 1, 2),
        (True, ev.WordsHeard(2, "停"), control("stop"), 1, 2),
        (True, ev.WordsHeard(2, "号低"), EMPTY, 0, 1),
        (True, ev.WordsHeard(2, "好的", idle=True), None, 0, 1),
    ],
)
def test_only_an_answer_that_is_over_was_interrupted(
    unsure: bool, words: ev.WordsHeard, reply: Reply | None, interruptions: int, turns: int
) -> None:
    hall = Hall()
    hall.session = Session(barge_in=True)
    hall.do(ev.ScreenOpened())
    hall.do(ev.MicrophoneChanged("on"))
    hall.do(ev.Typed("社保卡"))
    hall.do(ev.Understood(hall.session.turn, ANSWER))
    old = hall.session.turn
    hall.do(ev.Interrupted(old, unsure=unsure))
    hall.do(ev.SpeechEnded(hall.session.turn))
    hall.do(replace(words, turn=hall.session.turn))
    if reply is not None:
        hall.do(ev.Understood(hall.session.turn, reply))
    hall.go()
    (told,) = hall.of(SessionRecord)
    assert (told.interruptions, len(told.turns)) == (interruptions, turns)


def test_elder_mode_is_told() -> None:
    hall = Hall()
    hall.do(ev.Pressed("elder"))
    hall.do(ev.Understood(hall.session.turn, control("elder_mode")))
    hall.go()
    assert hall.of(SessionRecord)[0].elder


def test_text_goes_only_where_the_site_lets_it() -> None:
    for text, expected in ((False, None), (True, "火星上房价多少")):
        hall = Hall(text=text)
        hall.ask(UNKNOWN)
        hall.go()
        assert [each.text for each in hall.of(UnansweredRecord)] == [expected]


def test_nothing_is_kept_of_a_visit_that_is_over() -> None:
    hall = Hall(text=True)
    hall.ask(UNKNOWN)
    hall.go()
    assert hall.reporter._visit is None


@pytest.mark.parametrize(
    "text",
    ["身份证110105194912310021", "我的卡号是六二二二零二一二三四五六七八九零一二", "密码是1234"],
)
def test_numbers_never_go_even_unredacted(text: str) -> None:
    said = sayable(text)
    assert said is None or (MASK in said and not holds_number(said))


# Nothing but codes leaves by default, whatever is said.

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(
        alphabet="一二三四五六七八九零幺两0123456789 ，的我叫张身份证号码是密银行卡", max_size=40
    ),
    st.sampled_from(
        [
            "我叫欧阳翡翠身份证110105194912310021",
            '"}],"text":"我叫欧阳翡翠',
            "gov.card\n我叫欧阳翡翠",
            "手机幺三八零零幺三八零零零",
        ]
    ),
)
CODE = re.compile(r"[a-z0-9_.]{0,100}")


def hostile_reply(heard: str, outcome: str) -> Reply:
    """Every field that could carry words does."""
    return Reply(
        outcome=outcome,  # type: ignore[arg-type]
        spoken=f"您说{heard}",
        screen=heard,
        heard=heard,
        answer_id=heard or None,
        title=heard,
        options=(ev.Option(heard, heard),),
        facts=((heard, heard),),
        source=heard,
        language=heard[:3] or "zh",
        ticket=ev.Ticket(heard, (heard, heard)),
    )


@given(
    st.lists(
        st.tuples(HOSTILE, st.sampled_from(["answered", "unknown", "handoff", "clarify", "empty"])),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=200, deadline=None)
def test_no_word_leaves_by_default(said: list[tuple[str, str]]) -> None:
    hall = Hall()
    for heard, outcome in said:
        hall.ask(hostile_reply(heard, outcome))
    hall.go()
    assert hall.of(SessionRecord)
    for each in hall.filed:
        raw = codec.encode(each.record).decode()
        assert raw.isascii()
        for heard, _ in said:
            # What is a code from end to end cannot be told from an id of the pack.
            if not CODE.fullmatch(heard.strip()) and len(heard.strip()) > 3:
                assert heard.strip() not in raw
            assert not re.search("[0-9]{6,}", heard) or heard not in raw
    assert all(not each.text and not each.meaning for each in hall.of(UnansweredRecord))
    assert all(not each.story for each in hall.of(TicketRecord))


@given(st.lists(st.integers(0, 10**17), min_size=1, max_size=3))
@settings(max_examples=50, deadline=None)
def test_no_number_leaves_even_where_text_may(numbers: list[int]) -> None:
    hall = Hall(text=True)
    for number in numbers:
        hall.ask(Reply("unknown", "", "", heard=f"我的号码是{number}"))
    hall.go()
    for question in hall.of(UnansweredRecord):
        assert not holds_number(question.text or "")
    for number in numbers:
        if number >= 100_000:
            assert all(str(number) not in (each.text or "") for each in hall.of(UnansweredRecord))


def test_records_of_a_real_dialogue_hold_codes_only(
    light_dialogue: Dialogue, gov_pack: Pack
) -> None:
    hall = Hall()
    known = {item.id for item in gov_pack.items()}
    for words in (
        "社保卡丢了怎么补办",
        "我叫欧阳翡翠，火星上房价多少",
        "转人工",
        "110105194912310021",
    ):
        hall.ask(light_dialogue.reply(ev.WordsHeard(hall.session.turn, words)))
    hall.go()
    (session,) = hall.of(SessionRecord)
    assert len(session.turns) == 4
    assert {turn.answer_id for turn in session.turns} - {None} <= known
    told = "".join(codec.encode(each.record).decode() for each in hall.filed)
    assert "欧阳" not in told
    assert "110105" not in told


def test_an_empty_answer_is_a_turn_too() -> None:
    hall = Hall()
    hall.ask(EMPTY)
    hall.go()
    assert [turn.outcome for turn in hall.of(SessionRecord)[0].turns] == ["empty"]
