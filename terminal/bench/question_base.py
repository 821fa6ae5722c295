"""A question base of one's own: its first phrases are known as a pack's, the others are asked.

JSON lines `{"id", "title", "phrases": […]}`, or a table (CSV, XLSX) as `kiosk pack import` takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.errors import KioskError
from knowledge import spreadsheet
from knowledge import spreadsheet_columns as columns_of
from knowledge.fields import Text
from knowledge.importing_rows import Defaults, Gathering
from knowledge.pack import Pack
from knowledge.schema import Case
from terminal.bench.many_questions import item

KNOWN = 4
"""Phrases known of an item, besides its title."""
LAYOUT = 'one JSON object a line: {"id": "…", "title": "…", "phrases": ["…"]}; or a CSV table'


class Row(BaseModel):
    """One item of a base."""

    model_config = ConfigDict(frozen=True)

    id: Text
    title: Text
    phrases: list[Text] = Field(min_length=1)


def read(file: Path) -> list[Row]:
    """The items of a base. KioskError names the line that is wrong, or what is missing."""
    if not file.is_file():
        raise KioskError("input", f"{file}: no such file; needed: {LAYOUT}")
    is_lines = file.suffix.lower() in (".jsonl", ".json")
    rows = list(_lines(file) if is_lines else _table(file))
    if not any(len(row.phrases) > KNOWN for row in rows):
        said = f"no item with more than {KNOWN} phrases, so nothing is left to ask"
        raise KioskError("input", f"{file}: {said}; needed: {LAYOUT}")
    return rows


def as_pack(rows: list[Row], hall: Pack) -> tuple[Pack, list[Case]]:
    """A pack of the base in the building of `hall`, and the questions to ask of it."""
    entry = hall.entries[0]
    known = [item(row.id, row.title, row.phrases[:KNOWN]) for row in rows]
    entries = tuple(replace(entry, item=each) for each in known)
    asked = [
        Case(id=f"{row.id} {number}", text=text, outcome="answered", answer_id=row.id)
        for row in rows
        for number, text in enumerate(row.phrases[KNOWN:], 1)
    ]
    return replace(hall, entries=entries, lexicon=(), notices=()), asked


def _lines(file: Path) -> Iterator[Row]:
    seen: set[str] = set()
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise KioskError("input", f"{file}: not UTF-8; save it as UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = Row.model_validate(json.loads(line))
        except (json.JSONDecodeError, ValidationError) as error:
            raise KioskError(
                "input", f"{file}:{number}: {_why(error)}; needed: {LAYOUT}"
            ) from error
        if row.id in seen:
            raise KioskError("input", f"{file}:{number}: id {row.id!r} again; one line an item")
        seen.add(row.id)
        yield row


def _why(error: json.JSONDecodeError | ValidationError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON ({error.msg})"
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"


def _table(file: Path) -> Iterator[Row]:
    today = date.today()
    gathering = Gathering(Defaults(file.stem, file.stem, today), today, {})
    for sheet in spreadsheet.read(file):
        columns = columns_of.by_header(sheet)
        if columns is not None:
            gathering.take(sheet, columns)
    gathering.finish()
    for draft in gathering.drafts:
        phrases = [each for each in draft.variants if each != draft.title]
        if phrases:
            yield Row(id=draft.id, title=draft.title, phrases=phrases)
