"""The rows of a hall's list -> questions with one answer each, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge import importing_text as text
from knowledge.lint_between import normalised
from knowledge.spreadsheet import Row, Sheet
from knowledge.spreadsheet_columns import Columns

SAME_ANSWER_FROM = 8
"""Characters from which rows with one answer are one matter: 可以 answers many."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands in for columns that the list does not have."""

    source: str
    owner: str
    review_by: date


@dataclass(slots=True)
class Draft:
    """An item being gathered."""

    id: str
    where: str
    """The row on which it begins."""
    title: str
    answer: str
    source: str
    owner: str
    review_by: date
    variants: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Fields:
    """A row's cells, cleaned."""

    where: str
    group: str
    """The given id, with its sheet: rows that share it belong together."""
    given: str
    question: str
    answer: str
    variants: list[str]
    source: str
    owner: str
    review_by: str


class Gathering:
    """Takes one sheet after another; `finish` then gives every question its owner."""

    def __init__(self, defaults: Defaults, today: date, reserved: Mapping[str, str]) -> None:
        """`reserved`: questions that the kiosk itself answers, normalised, and their item."""
        self.drafts: list[Draft] = []
        self.left_out: list[str] = []
        """Rows and questions that are not in the pack: where they stand, and why."""
        self.rows = 0
        self.braces = 0
        """Cells in which braces became brackets."""
        self._defaults = defaults
        self._today = today
        self._reserved = reserved
        self._owner: dict[str, Draft] = {}
        self._grouped: dict[str, list[Draft]] = {}
        self._answered: dict[str, Draft] = {}
        self._ids: set[str] = set()
        self._variants: list[tuple[Draft, str, str]] = []
        self._undated: list[str] = []

    def take(self, sheet: Sheet, columns: Columns) -> None:
        """Every row of `sheet` that `columns` found below its header."""
        header = sheet.rows[columns.first - 1] if columns.first else None
        last: Draft | None = None
        for row in sheet.rows[columns.first :]:
            if header is not None and _same(row, header, columns):
                continue  # printed again on every page
            self.rows += 1
            self.braces += sum(map(text.has_braces, row.cells))
            fields = _fields(sheet, row, columns)
            if last is not None and columns.question in row.carried:
                self._continue(last, fields, columns.answer in row.carried)
            else:
                last = self._draft(fields)

    def finish(self) -> None:
        """Give the further questions to their items; whole rows have had theirs."""
        for draft, where, variant in self._variants:
            key = normalised(variant)
            owner = self._owner.get(key)
            if key in self._reserved:
                self.left_out.append(f"{where}: {self._kiosk_s(variant)}")
            elif owner is None:
                self._owner[key] = draft
                draft.variants.append(variant)
            elif owner is not draft:
                said = f"{_quoted(variant)} is also a question of {owner.where}, which keeps it"
                self.left_out.append(f"{where}: {said}")

    @property
    def questions(self) -> set[str]:
        """Every question of every item, normalised."""
        return set(self._owner)

    @property
    def notes(self) -> Iterator[str]:
        """What was made otherwise than it stands in the list."""
        if self.braces:
            said = "braces would be read as references; they became brackets"
            yield f"{said} in {self.braces} cells"
        if self._undated:
            yield (
                f"{len(self._undated)} review dates are none, first {self._undated[0]};"
                f" {self._defaults.review_by} instead"
            )

    def _continue(self, draft: Draft, fields: Fields, same_answer: bool) -> None:
        """A row whose question reaches down from the one above: more of its answer, or variants."""
        if not same_answer and fields.answer:
            draft.answer = f"{draft.answer}\n{fields.answer}"
        self._variants += [(draft, fields.where, each) for each in fields.variants]

    def _draft(self, fields: Fields) -> Draft | None:
        """The item of a row, new or known; None if the row is left out."""
        key = normalised(fields.question)
        known = self._known(key, fields)
        why = self._refusal(key, fields, known)
        if why:
            self.left_out.append(f"{fields.where}: {why}")
            return None
        draft = known or self._new(fields)
        if self._owner.setdefault(key, draft) is draft and fields.question not in draft.variants:
            draft.variants.append(fields.question)
        self._variants += [(draft, fields.where, each) for each in fields.variants]
        return draft

    def _known(self, key: str, fields: Fields) -> Draft | None:
        """The item to which a row belongs: same question, same id or same answer."""
        answer = normalised(fields.answer)
        owner = self._owner.get(key)
        for draft in [*([owner] if owner else []), *self._grouped.get(fields.group, [])]:
            if not answer or normalised(draft.answer) == answer:
                return draft
        return self._answered.get(answer) if len(answer) >= SAME_ANSWER_FROM else None

    def _refusal(self, key: str, fields: Fields, known: Draft | None) -> str:
        """Why a row cannot be taken; empty if it can."""
        if not key:
            return "no question (问题)"
        if not fields.answer and (known is None or self._owner.get(key) is known):
            return f"no answer (答案) to {_quoted(fields.question)}"
        if key in self._reserved:
            return self._kiosk_s(fields.question)
        owner = self._owner.get(key)
        if owner is not None and owner is not known:
            return f"{_quoted(fields.question)} stands in {owner.where} with another answer"
        due = text.day(fields.review_by)
        if due is not None and due < self._today:
            said = "has passed; check the answer and move it on"
            return f"{_quoted(fields.question)}: its date {due} {said}"
        return ""

    def _kiosk_s(self, question: str) -> str:
        return f"{_quoted(question)} is a question of {self._reserved[normalised(question)]}"

    def _new(self, fields: Fields) -> Draft:
        due = text.day(fields.review_by)
        if due is None and fields.review_by:
            self._undated.append(f"{fields.where}: {_quoted(fields.review_by)}")
        draft = Draft(
            self._free_id(fields.given),
            fields.where,
            fields.question,
            fields.answer,
            fields.source or self._defaults.source,
            fields.owner or self._defaults.owner,
            due or self._defaults.review_by,
        )
        self.drafts.append(draft)
        self._answered.setdefault(normalised(fields.answer), draft)
        if fields.group:
            self._grouped.setdefault(fields.group, []).append(draft)
        return draft

    def _free_id(self, given: str) -> str:
        """The given id, else one by the order of the list; never one that is taken."""
        wanted = text.item_id(given) or f"faq.q{len(self.drafts) + 1:04}"
        found, number = wanted, 1
        while found in self._ids:
            number += 1
            found = f"{wanted}_{number}"
        self._ids.add(found)
        return found


def _fields(sheet: Sheet, row: Row, columns: Columns) -> Fields:
    given = row.cell(columns.id)
    variants = [each for at in columns.variants for each in text.variants(row.cell(at))]
    question = text.question(row.cell(columns.question))
    if not question and variants:
        question = variants.pop(0)
    return Fields(
        where=sheet.where(row),
        group=f"{sheet.name}\n{given}" if given else "",
        given=given,
        question=question,
        answer=text.answer(row.cell(columns.answer)),
        variants=variants,
        source=text.question(row.cell(columns.source)),
        owner=text.question(row.cell(columns.owner)),
        review_by=row.cell(columns.review_by),
    )


def _quoted(words: str) -> str:
    """As it is named in a line of the report."""
    return repr(words if len(words) <= 40 else f"{words[:39]}…")


def _same(row: Row, header: Row, columns: Columns) -> bool:
    both = (columns.question, columns.answer)
    return all(row.cell(at) == header.cell(at) for at in both)
