"""打印: the last answer's checklist, by voice or button, in every state, or why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardware.printer import PrinterState
from knowledge import pack as packs
from terminal import events as ev
from terminal.dialogue import printing
from terminal.events import Command, Reply
from terminal.notices import NO_LIST, PRINTER
from terminal.session import Session

ANSWER = Reply(
    outcome="answered",
    spoken="带身份证到窗口办。",
    screen="",
    heard="社保卡丢了",
    answer_id="gov.social_card.reissue",
    materials=("身份证：原件",),
)


def ask(session: Session, reply: Reply) -> list[Command]:
    session.handle(ev.Typed("问"), 0.0)
    return session.handle(ev.Understood(session.turn, reply), 0.0)


def said(commands: list[Command]) -> tuple[str, ...]:
    (speak,) = [each for each in commands if isinstance(each, ev.Speak)]
    return speak.texts


def printed(commands: list[Command]) -> list[Reply]:
    return [each.reply for each in commands if isinstance(each, ev.Print)]


def with_printer(state: PrinterState) -> Session:
    session = Session()
    session.handle(ev.ScreenOpened(), 0.0)
    session.handle(ev.PrinterChanged(state), 0.0)
    return session


def test_the_last_answer_is_printed_without_what_was_heard() -> None:
    session = with_printer("ready")
    ask(session, ANSWER)
    commands = ask(session, printing.REPLY)
    assert printed(commands) == [replace(ANSWER, heard="")]
    assert said(commands) == (PRINTER["ready"],)
    # And what was asked before is still the last answer.
    assert said(ask(session, Reply("command", "好的。", "", answer_id="control.repeat"))) == (
        "好的。",
        ANSWER.spoken,
    )


def test_the_button_stops_the_answer_and_asks_for_the_same() -> None:
    session = with_printer("ready")
    ask(session, ANSWER)
    commands = session.handle(ev.Pressed("print"), 0.0)
    assert ev.Recall(session.turn, "control.print") in commands
    assert ev.Hush() in commands


@pytest.mark.parametrize("state", ["off", "paper_out", "cover_open", "offline"])
def test_without_paper_the_citizen_is_told_what_else_helps(state: PrinterState) -> None:
    session = with_printer(state)
    ask(session, ANSWER)
    commands = ask(session, printing.REPLY)
    assert printed(commands) == []
    assert said(commands) == (PRINTER[state],)
    assert "工作人员" in PRINTER[state]


def test_nothing_to_print_is_said() -> None:
    session = with_printer("ready")
    commands = ask(session, printing.REPLY)
    assert printed(commands) == []
    assert said(commands) == (NO_LIST,)


def test_the_next_citizen_cannot_print_the_last_one_s_list() -> None:
    session = with_printer("ready")
    ask(session, ANSWER)
    session.handle(ev.Pressed("home"), 0.0)
    assert printed(ask(session, printing.REPLY)) == []


def test_a_printer_that_fails_in_a_visit_is_told_once() -> None:
    session = with_printer("ready")
    ask(session, ANSWER)
    note = ev.ShowNote(PRINTER["paper_out"])
    assert session.handle(ev.PrinterChanged("paper_out"), 0.0) == [note]
    assert session.handle(ev.PrinterChanged("paper_out"), 0.0) == []


def test_what_becomes_of_it_out_of_service_is_not_missed() -> None:
    session = with_printer("ready")
    session.handle(ev.ServiceChanged(on=False), 0.0)
    session.handle(ev.PrinterChanged("paper_out"), 0.0)
    session.handle(ev.ServiceChanged(on=True), 0.0)
    ask(session, ANSWER)
    assert said(ask(session, printing.REPLY)) == (PRINTER["paper_out"],)


@pytest.mark.parametrize(
    "text",
    [
        "打印", "打一张", "打出来", "帮我打印一下", "请打印材料清单", "给我打一份吧", "能不能打印出来",
        "打印一下行吗？", "麻烦你帮我打印出来。", "把材料清单打印出来", "print it please", "打印这个",
    ],
)  # fmt: skip
def test_a_wish_to_print_is_known_by_its_words(text: str) -> None:
    assert printing.is_wanted(text)


@pytest.mark.parametrize(
    "text",
    [
        "打印流水", "打印社保证明", "怎么打印征信报告", "打印要钱吗", "哪里可以打印", "打电话", "打一针",
        "我要打印银行流水", "不打印", "", "打印机坏了", "print my statement",
    ],
)  # fmt: skip
def test_a_question_about_printing_is_the_pack_s(text: str) -> None:
    assert not printing.is_wanted(text)


@pytest.mark.parametrize("name", ["gov-hall", "bank-hall"])
def test_no_question_of_a_pack_is_taken_for_it(name: str) -> None:
    asked = [variant for item in packs.load(packs.find(name)).items() for variant in item.variants]
    assert len(asked) > 1000
    assert [each for each in asked if printing.is_wanted(each)] == []
