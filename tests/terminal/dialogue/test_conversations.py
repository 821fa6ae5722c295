"""Conversations as halls and branches have them, put to the real dialogue.

Each row of conversations.jsonl, and of more_conversations.jsonl, is a visit: what was said before (`context`), then `text`, and
what must come of it. Fields left out are not judged.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from terminal.dialogue.dialogue import Dialogue
from terminal.dialogue.redaction import holds_number
from terminal.events import Reply, WordsHeard
from tests.terminal.dialogue.spoken_numbers import longest_run

pytestmark = pytest.mark.models


def rows_of(name: str) -> list[dict[str, Any]]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


ROWS = rows_of("conversations.jsonl")
"""Read while the dialogue was made: what it can do."""
MORE = rows_of("more_conversations.jsonl")
"""Written before the dialogue heard any of them, and never mended for: what to expect."""
RIGHT_AT_LEAST = 0.92
MORE_AT_LEAST = 0.86
RIGHT_OF_KIND = {
    "aspect": 0.85,
    "bad_input": 0.93,
    "clarify": 0.92,
    "control": 1.0,
    "correction": 0.93,
    "english": 0.93,
    "filler": 0.73,
    "followup_aspect": 0.9,
    "followup_topic": 0.86,
    "handoff": 0.93,
    "out_of_pack": 0.95,
    "safety": 0.96,
    "self_repair": 0.93,
    "slot": 0.93,
    "two_questions": 0.95,
}
"""Shares of the rows of a kind, a little under what is reached."""
SECOND = "?second"
ALARMS = ("control.emergency", "bank.fraud.alert", "gov.fraud.alert")


@dataclass(frozen=True, slots=True)
class Judged:
    """One row and what came of it."""

    row: dict[str, Any]
    reply: Reply
    why: tuple[str, ...]
    """What is not right."""

    def __str__(self) -> str:
        row, reply = self.row, self.reply
        got = [reply.outcome, reply.answer_id or "", reply.aspect or ""]
        got += [option.id for option in reply.options]
        said = " / ".join([*row.get("context", []), row["text"][:60]])
        return f"{row['kind']} {row['id']}: {said}: {' '.join(got)}: {'; '.join(self.why)}"


@pytest.fixture(scope="module")
def judged(gov: Dialogue, bank: Dialogue) -> list[Judged]:
    """All rows, each in a visit of its own."""
    dialogues = {"gov-hall": gov, "bank-hall": bank}
    return [judge(dialogues[row["pack"]], row) for row in ROWS]


@pytest.fixture(scope="module")
def judged_more(gov: Dialogue, bank: Dialogue) -> list[Judged]:
    dialogues = {"gov-hall": gov, "bank-hall": bank}
    return [judge(dialogues[row["pack"]], row) for row in MORE]


def judge(dialogue: Dialogue, row: dict[str, Any]) -> Judged:
    dialogue.wipe()
    said = [*row.get("context", []), row["text"]]
    *before, reply = [dialogue.reply(WordsHeard(0, text)) for text in said]
    told = dialogue._visit.slots.get(reply.answer_id or "", {})
    why = [*wrong_answer(row, reply), *wrong_in_visit(row, reply, before, told)]
    return Judged(row, reply, tuple(why))


def wrong_answer(row: dict[str, Any], reply: Reply) -> list[str]:
    """What is not right about the reply itself."""
    why = []
    outcomes = row.get("any_outcome", [row["outcome"]] if "outcome" in row else [])
    if outcomes and reply.outcome not in outcomes:
        why.append(f"outcome is not {' or '.join(outcomes)}")
    if reply.outcome in ("answered", "command", "handoff", "refused"):
        ids = row.get("any_of", [row["answer_id"]] if "answer_id" in row else [])
        if ids and reply.answer_id not in ids:
            why.append(f"answer is not {' or '.join(ids)}")
        aspects = row.get("any_aspect", [row["aspect"]] if "aspect" in row else [])
        facility = (reply.answer_id or "").startswith("site.")
        if aspects and reply.aspect not in aspects and not facility:
            why.append(f"aspect is not {' or '.join(aspects)}")
    if reply.outcome == "clarify":
        offered = [option.id for option in reply.options]
        why += [f"{item} is not offered" for item in row.get("options", []) if item not in offered]
    if reply.answer_id is not None and reply.answer_id == row.get("must_not_answer"):
        why.append("this must not be answered")
    if reply.language != row.get("language", reply.language):
        why.append(f"language is not {row['language']}")
    return why


def wrong_in_visit(
    row: dict[str, Any], reply: Reply, before: list[Reply], told: dict[str, str]
) -> list[str]:
    """What is not right about what was understood of the visit."""
    why = [
        f"{name} is not {value}"
        for name, value in row.get("slot", {}).items()
        if told.get(name) != value
    ]
    if "second" in row and SECOND not in [choice.id for choice in reply.choices]:
        why.append(f"{row['second']} is not offered for later")
    if "option_index" in row:
        offered = next((each.options for each in reversed(before) if each.options), ())
        index = row["option_index"]
        number = index if index < 0 else index - 1
        if not -len(offered) <= number < len(offered) or reply.answer_id != offered[number].id:
            why.append(f"option {index} is not taken")
    if "secret" in row and shows_number(reply):
        why.append("a number is shown")
    return why


def shows_number(reply: Reply) -> bool:
    """Whether what was heard, or what staff are told, holds digits of a personal number."""
    story = reply.ticket.story if reply.ticket is not None else ()
    return any(holds_number(text) or longest_run(text) >= 4 for text in (reply.heard, *story))


def shares(judged: list[Judged]) -> dict[str, float]:
    right = Counter(each.row["kind"] for each in judged if not each.why)
    return {
        kind: right[kind] / count
        for kind, count in Counter(each.row["kind"] for each in judged).items()
    }


def test_most_conversations_go_right(
    judged: list[Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    right = sum(not each.why for each in judged) / len(judged)
    found = ", ".join(f"{kind} {share:.0%}" for kind, share in sorted(shares(judged).items()))
    with capsys.disabled():
        print(f"\nconversations: {right:.1%} right; {found}")
    failures = "\n".join(str(each) for each in judged if each.why)
    assert right >= RIGHT_AT_LEAST, failures


def test_most_conversations_that_nobody_mended_for_go_right(
    judged_more: list[Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    right = sum(not each.why for each in judged_more) / len(judged_more)
    found = ", ".join(f"{kind} {share:.0%}" for kind, share in sorted(shares(judged_more).items()))
    with capsys.disabled():
        print(f"\nmore conversations: {right:.1%} right; {found}")
    # No list of failures: who reads it mends for these rows.
    assert right >= MORE_AT_LEAST


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in ROWS}))
def test_conversations_of_each_kind_go_right(judged: list[Judged], kind: str) -> None:
    failures = "\n".join(str(each) for each in judged if each.why and each.row["kind"] == kind)
    assert shares(judged)[kind] >= RIGHT_OF_KIND[kind], failures


def test_no_personal_number_is_ever_shown(judged: list[Judged], judged_more: list[Judged]) -> None:
    rows = [each for each in [*judged, *judged_more] if "secret" in each.row]
    assert len(rows) >= 5
    assert [str(each) for each in rows if shows_number(each.reply)] == []


def test_danger_and_fraud_are_never_taken_for_anything_else(judged: list[Judged]) -> None:
    rows = [each for each in judged if each.row.get("answer_id") in ALARMS]
    assert len(rows) >= 10
    assert [str(each) for each in rows if each.why] == []


def test_bad_input_is_never_answered(judged: list[Judged]) -> None:
    """But with a warning: one too many harms nobody."""
    rows = [each for each in judged if each.row["kind"] == "bad_input"]
    answered = [each for each in rows if each.reply.answer_id not in (None, *ALARMS)]
    assert [str(each) for each in answered] == []
