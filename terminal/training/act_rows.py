"""What the classifier of acts is trained on: sentences by hand, and phrases of packs and bases.

Sentences labelled by hand count fully. Packs and bases lend what they have most of, matters; the
weights keep a thousand of those from drowning fifty ways to say thanks.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from models.acts import Act
from models.training.acts import SEED
from terminal.dialogue.words import clean, core
from terminal.training.disfluency import spoken
from terminal.training.sources import Matter, Source

ASIDE = 0.5
"""Weight of another form of a sentence, and of a phrase that was lent."""
LENT: Mapping[str, float] = {"matter": 0.75}
LENT_OTHERWISE = 0.4
"""All that is lent to an act weighs at most so many times its sentences by hand."""
OF_ITEM, OF_BASE, OF_ENGLISH = 8, 2, 4
"""Phrases taken of one item of a pack, of one matter of a question base, of an English item."""

_BY_ID: Mapping[str, Act | None] = {
    "control.handoff": "handoff",
    "control.complaint": "complaint",
    "control.emergency": "emergency",
    # Praise and stars belong to the screen's own buttons: no act.
    "control.rate": None,
    "bank.balance.query": "personal_data",
    "bank.wealth.advice": "advice",
    "bank.fraud.alert": "fraud",
    "gov.personal.query": "personal_data",
    "gov.fraud.alert": "fraud",
}
_BY_KIND: Mapping[str, Act] = {"control": "control", "queue": "queue"}
_OF_ANOTHER_ACT = re.compile(
    r"骗|上当|投诉|举报|表扬|意见|告她|人工|真人|进度|到哪|哪一步|批.{0,3}没|[查看].{0,2}[下看瞅]|"
    r"我.{0,8}(?:多少|几分|还剩)|剩多少|哪个好|划算|合算|推荐|亏|给.{0,3}[说个]法|给个话"
)
"""In a question base, phrases that a kiosk may not take for a matter to be looked up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence, in one form."""

    text: str
    act: Act
    weight: float
    group: str
    """The sentence, or the item, that it is a form of."""
    by_hand: bool = False


def rows(labelled: Sequence[tuple[str, Act]], lent: Sequence[Row]) -> list[Row]:
    """Everything, in one order. What is lent never contradicts what was labelled."""
    random = Random(SEED)  # noqa: S311 (repeatable draws, not secrets)
    own = [row for text, act in labelled for row in _forms(text, act, random)]
    known = {row.text for row in own}
    counts = Counter(act for _, act in labelled)
    others = [row for row in lent if row.text and row.text not in known]
    sums: dict[Act, float] = defaultdict(float)
    for row in others:
        sums[row.act] += row.weight
    shares = {
        act: min(1.0, counts[act] * LENT.get(act, LENT_OTHERWISE) / sums[act]) for act in sums
    }
    return own + [replace(row, weight=row.weight * shares[row.act]) for row in others]


def lent(sources: Sequence[Source], english: Sequence[Source], without: Sequence[str]) -> list[Row]:
    """Phrases of packs and bases with the acts that their items stand for.

    No phrase whose core is that of one `without`: a test asks what was never told.
    """
    random = Random(SEED)  # noqa: S311 (repeatable draws, not secrets)
    banned = {core(text) for text in without}
    found: dict[str, Row] = {}
    for source in sources:
        for row in _of_source(source, random):
            found.setdefault(row.text, row)
    for source in english:
        for name, matter in source.matters.items():
            for row in _of_item(name, matter, OF_ENGLISH, random):
                found.setdefault(row.text, row)
    return [row for text, row in found.items() if text not in banned]


def _forms(text: str, act: Act, random: Random) -> Iterator[Row]:
    """The core of a sentence, and beside it the whole and a disfluent one."""
    yield Row(core(text), act, 1.0, text, by_hand=True)
    seen = {core(text)}
    for form in (clean(text), core(spoken(text, random))):
        if form not in seen:
            seen.add(form)
            yield Row(form, act, ASIDE, text)


def _of_source(source: Source, random: Random) -> Iterator[Row]:
    is_pack = bool(source.heard) or any("." in name for name in source.matters)
    for name, matter in source.matters.items():
        if is_pack:
            yield from _of_item(name, matter, OF_ITEM, random)
        else:
            phrases = [each for each in matter.phrases if not _OF_ANOTHER_ACT.search(each)]
            for text in random.sample(phrases, min(OF_BASE, len(phrases))):
                yield Row(core(text), "matter", ASIDE, f"{source.name} {name}")
    for (name, _), all_heard in source.heard.items():
        act = _act_of(name)
        # Only what was heard in quiet still means what was said.
        for heard in all_heard:
            if act is not None and heard.condition == "clean":
                yield Row(core(heard.readings[0]), act, ASIDE, name)


def _of_item(name: str, matter: Matter, count: int, random: Random) -> Iterator[Row]:
    act = _act_of(name)
    if act is None:
        return
    # Only matters are plenty: of the other acts every phrase is taken.
    number = count if act == "matter" else len(matter.phrases)
    phrases = random.sample(matter.phrases, min(number, len(matter.phrases)))
    # People also say the bare name of a thing.
    for text in (*matter.names, *phrases):
        yield Row(core(text), act, ASIDE, name)


def _act_of(item: str) -> Act | None:
    if item in _BY_ID:
        return _BY_ID[item]
    return _BY_KIND.get(item.partition(".")[0], "matter")
