"""How an answer is judged, and what a trial makes of many."""

from __future__ import annotations

import pytest

from knowledge.schema import Case
from terminal.events import Option, Outcome, Reply
from terminal.pack_trial import Kind, Trial, Tried, kind_of

WANTED = Case(id="t1", text="补卡", outcome="answered", answer_id="gov.card")
STRAY = Case(id="t2", text="天气", outcome="unknown")


def reply(outcome: Outcome, answer_id: str | None = None, *options: str) -> Reply:
    offered = tuple(Option(option, option) for option in options)
    return Reply(outcome, "", "", answer_id=answer_id, options=offered)


JUDGED: list[tuple[Case, Reply, Kind]] = [
    (WANTED, reply("answered", "gov.card"), "right"),
    (WANTED, reply("answered", "gov.other"), "wrong"),
    (WANTED, reply("handoff", "gov.card"), "wrong"),
    (WANTED, reply("clarify", None, "gov.other", "gov.card"), "offered"),
    (WANTED, reply("clarify", None, "gov.other"), "missed"),
    (WANTED, reply("unknown"), "missed"),
    (STRAY, reply("unknown"), "right"),
    (STRAY, reply("answered", "gov.card"), "wrong"),
    (STRAY, reply("clarify", None, "gov.card"), "missed"),
]


@pytest.mark.parametrize(("case", "answer", "kind"), JUDGED)
def test_kinds(case: Case, answer: Reply, kind: Kind) -> None:
    assert kind_of(case, answer) == kind


def test_shares_are_of_what_the_pack_answers() -> None:
    trial = Trial(
        (
            Tried(WANTED, "right", ""),
            Tried(WANTED, "wrong", "gov.other"),
            Tried(STRAY, "wrong", "x"),
        )
    )
    assert trial.inside.share("right") == trial.inside.share("wrong") == 0.5
    assert trial.outside.share("wrong") == 1
    assert {wanted: len(part.tried) for wanted, part in trial.by_outcome().items()} == {
        "answered": 2,
        "unknown": 1,
    }


def test_nothing_tried() -> None:
    assert Trial(()).share("right") == 0


def test_failures_worst_first() -> None:
    trial = Trial((Tried(WANTED, "offered", "clarify gov.card"), Tried(STRAY, "wrong", "gov.card")))
    assert trial.failures == [
        "wrong    t2 天气: unknown, not gov.card",
        "offered  t1 补卡: gov.card, not clarify gov.card",
    ]
