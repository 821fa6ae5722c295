"""A pack's own questions (tests.jsonl) put to the real dialogue, and how it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fleet.errors import KioskError
from knowledge import pack as packs
from knowledge import reader
from knowledge.lint_cases import NAME
from knowledge.schema import Case, Outcome
from models.base import Encoder
from terminal.dialogue.dialogue import Dialogue
from terminal.events import Reply, WordsHeard

Kind = Literal["right", "offered", "wrong", "missed"]
KINDS: tuple[Kind, ...] = ("right", "offered", "wrong", "missed")
"""Right; asked back with the right one among the options; another answer than the right one,
given without asking back; none of these."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One question and what came of it."""

    case: Case
    kind: Kind
    got: str
    """The id of the answer, or what the kiosk did instead and what it offered."""

    @property
    def wanted(self) -> str:
        """The id of the answer, or the outcome where there is none."""
        return self.case.answer_id or self.case.outcome


@dataclass(frozen=True, slots=True)
class Trial:
    """How a pack's questions were answered."""

    tried: tuple[Tried, ...]

    @property
    def inside(self) -> Trial:
        """The questions that the pack answers."""
        return Trial(tuple(each for each in self.tried if each.case.outcome != "unknown"))

    @property
    def outside(self) -> Trial:
        """Those that are not the hall's business: the kiosk must say so."""
        return Trial(tuple(each for each in self.tried if each.case.outcome == "unknown"))

    def by_outcome(self) -> dict[Outcome, Trial]:
        """One trial for each outcome wanted."""
        wanted = dict.fromkeys(each.case.outcome for each in self.tried)
        return {
            outcome: Trial(tuple(each for each in self.tried if each.case.outcome == outcome))
            for outcome in wanted
        }

    @property
    def counts(self) -> Counter[Kind]:
        """How many of each kind."""
        return Counter(each.kind for each in self.tried)

    def share(self, kind: Kind) -> float:
        """0..1; 0 where there are no questions."""
        return self.counts[kind] / max(len(self.tried), 1)

    @property
    def figures(self) -> str:
        """The shares, the largest first."""
        return ", ".join(f"{self.share(kind):.1%} {kind}" for kind, _ in self.counts.most_common())

    @property
    def failures(self) -> list[str]:
        """One line for each question that was not answered rightly, the worst kind first."""
        worst = sorted(self.tried, key=lambda each: _WORST.index(each.kind))
        return [
            f"{each.kind:8} {each.case.id} {each.case.text}: {each.wanted}, not {each.got}"
            for each in worst
            if each.kind != "right"
        ]


_WORST: tuple[Kind, ...] = ("wrong", "missed", "offered", "right")


def try_pack(folder: Path, encoder: Encoder, kept: Path | None = None) -> Trial:
    """Ask every case of the pack at `folder`, each in a visit of its own.

    kept: as for `Dialogue`; what the trial makes of the pack, the kiosk then finds made.

    KioskError if the pack has no tests.jsonl, or one that cannot be read.
    """
    cases = cases_of(folder)
    dialogue = Dialogue(packs.load(folder), encoder, kept=kept)
    return Trial(tuple(_asked(dialogue, cases)))


def cases_of(folder: Path) -> list[Case]:
    """The cases of a pack. KioskError if there are none, or with the first bad line."""
    raw = packs.contents(folder)[0].get(NAME, b"")
    found, problems = reader.cases(raw, NAME)
    if problems:
        raise KioskError("input", f"{folder}/{problems[0]}; run: kiosk pack lint {folder}")
    if not found:
        said = f'no questions to try; write them: {{"id": "t1", "text": "…", {_EXAMPLE}}}'
        raise KioskError("input", f"{folder}/{NAME}: {said}")
    return [case for _, case in found]


_EXAMPLE = '"outcome": "answered", "answer_id": "…"'


def kind_of(case: Case, reply: Reply) -> Kind:
    """How good `reply` is."""
    if (reply.outcome, reply.answer_id) == (case.outcome, case.answer_id):
        return "right"
    if reply.answer_id is not None:
        return "wrong"
    if case.answer_id in [option.id for option in reply.options]:
        return "offered"
    return "missed"


def _asked(dialogue: Dialogue, cases: Sequence[Case]) -> Iterator[Tried]:
    for case in cases:
        dialogue.wipe()
        for earlier in case.context:
            dialogue.reply(WordsHeard(0, earlier))
        reply = dialogue.reply(WordsHeard(0, case.text))
        got = reply.answer_id or " ".join([reply.outcome, *(each.id for each in reply.options)])
        yield Tried(case, kind_of(case, reply), got)
