"""What came of questions with a known answer, added up over many: the same scores for everybody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.schema import Case
from terminal.bench.figures import Figures, Json, spread
from terminal.events import Outcome

BANDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Edges of the confidence bands; the last holds 1.0 itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one question was answered with."""

    outcome: Outcome
    answer_id: str | None = None
    options: tuple[str, ...] = ()
    """Offered where it was asked back."""
    confidence: float = 0.0
    """0..1; 0 where none is claimed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, what was wanted and what came."""

    case: Case
    said: Said
    ranked: tuple[str, ...]
    """The items held likeliest, best first, whatever was then said."""
    ms: float

    @property
    def right(self) -> bool:
        """The wanted answer; or, where there is none, the wanted outcome."""
        case, said = self.case, self.said
        if case.answer_id is not None or said.answer_id is not None:
            return said.answer_id == case.answer_id
        return said.outcome == case.outcome

    @property
    def answered(self) -> bool:
        """Something was answered without asking back."""
        return self.said.answer_id is not None

    @property
    def asked_back(self) -> bool:
        """The citizen has to choose."""
        return self.said.outcome == "clarify"

    @property
    def offered(self) -> bool:
        """Asked back with the wanted one (or one that is as good) among the options."""
        wanted = {self.case.answer_id, *self.case.options}
        return self.asked_back and not wanted.isdisjoint(self.said.options)

    @property
    def kept_its_word(self) -> bool:
        """What the confidence was of is true: the answer, the options, or that there is none."""
        if self.asked_back:
            return self.offered or self.case.outcome == "clarify"
        return self.right


@dataclass(slots=True)
class Tally:
    """Questions put to one candidate."""

    asked: list[Asked] = field(default_factory=list)

    @property
    def inside(self) -> list[Asked]:
        """Questions that are the hall's business."""
        return [each for each in self.asked if each.case.outcome != "unknown"]

    @property
    def outside(self) -> list[Asked]:
        """Questions that are not: nothing must be answered."""
        return [each for each in self.asked if each.case.outcome == "unknown"]

    def figures(self) -> Json:
        """Every figure, shares 0..1, by the name of its column."""
        inside, outside = self.inside, self.outside
        named = [each for each in inside if each.case.answer_id is not None]
        back = [each for each in inside if each.asked_back]
        wrong = [each for each in inside if each.answered and not each.right]
        return {
            "questions": len(inside),
            "right": share(sum(each.right for each in inside), inside),
            "first": share(sum(each.case.answer_id in each.ranked[:1] for each in named), named),
            "three": share(sum(each.case.answer_id in each.ranked[:3] for each in named), named),
            "answered": share(sum(each.answered for each in inside), inside),
            "wrong": share(len(wrong), inside),
            "asked_back": share(len(back), inside),
            "asked_back_rightly": share(sum(each.kept_its_word for each in back), back),
            "given_up": share(
                sum(not each.answered and not each.asked_back for each in inside), inside
            ),
            "outside": len(outside),
            "declined": share(
                sum(not each.answered and not each.asked_back for each in outside), outside
            ),
            "outside_asked_back": share(sum(each.asked_back for each in outside), outside),
            "strayed": share(sum(each.answered for each in outside), outside),
            "ms": self.ms(),
        }

    def ms(self) -> Figures:
        """Milliseconds a question."""
        return spread([each.ms for each in self.asked])


@dataclass(frozen=True, slots=True)
class Band:
    """Questions that were answered with a confidence in one range."""

    low: float
    high: float
    count: int
    said: float
    """Mean confidence."""
    right: float
    """Share that kept its word."""


def calibration(asked: Sequence[Asked]) -> list[Band]:
    """Said against right, by band; what claims no confidence is left out."""
    sure = [each for each in asked if each.said.confidence > 0]
    found = []
    for low, high in pairwise(BANDS):
        top = math.inf if high == BANDS[-1] else high
        mine = [each for each in sure if low <= each.said.confidence < top]
        if mine:
            said = sum(each.said.confidence for each in mine) / len(mine)
            kept = sum(each.kept_its_word for each in mine) / len(mine)
            found.append(Band(low, high, len(mine), said, kept))
    return found


def calibration_error(bands: Sequence[Band]) -> float:
    """Expected calibration error: |said - right|, weighed by the bands' questions."""
    total = sum(band.count for band in bands)
    return sum(band.count * abs(band.said - band.right) for band in bands) / max(total, 1)


def share(count: int, of: Sequence[object]) -> float:
    """0..1, to a tenth of a per cent; 0 of nothing."""
    return round(count / len(of), 3) if of else 0.0
