"""`kiosk pack import`: a hall's own list of questions and answers -> a pack that works."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from fleet.errors import KioskError
from knowledge import excerpt, importing_kiosk, importing_text, lint, pack, scaffold, spreadsheet
from knowledge import spreadsheet_columns as columns_of
from knowledge.fields import PackId
from knowledge.files import QUESTIONS
from knowledge.importing_rows import Defaults, Draft, Gathering
from knowledge.lint_between import normalised
from knowledge.pack import Pack
from knowledge.speech import plain_text
from knowledge.spreadsheet import Sheet
from knowledge.spreadsheet_columns import Columns

REVIEW_AFTER = timedelta(days=365)
NAMELESS = "大厅问答"
OWNER = "综合咨询台"
"""Who looks after an answer for which the list names nobody."""
MAX_PART_BYTES = 1_500_000
MAX_PART_ROWS = 2_500
"""Of one file: well under what the reader takes, even with thirty questions to a row."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller says about the new pack; None where the file or the day tells."""

    id: str | None = None
    title: str | None = None
    site: Path | None = None
    """A pack whose hall, and whose own questions such as 转人工, are taken over."""
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list."""

    rows: int
    items: int
    variants: int
    sheets: tuple[str, ...]
    """Names of those that were read; empty for a CSV."""
    skipped_sheets: tuple[str, ...]
    """Name and reason."""
    left_out: tuple[str, ...]
    """Rows and questions that are not in the pack: where they stand, and why."""
    notes: tuple[str, ...]


def import_list(file: Path, out: Path, today: date, wanted: Wanted) -> Imported:
    """Make a pack of the list `file` in the folder `out`, wholly or not at all.

    `out` may be an empty folder. KioskError if the file is no list or nothing in it can be taken.
    """
    name = _pack_id(wanted.id, out)
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise KioskError("input", f"{out} is not empty; move it away or give another --out")
    review_by = wanted.review_by or today + REVIEW_AFTER
    if review_by < today:
        raise KioskError("input", f"--review-by {review_by} has passed; give a later day")
    site = wanted.site or pack.find("gov-hall")
    origin = pack.load(site)
    own, kiosk_notes = importing_kiosk.items(origin)
    chosen, skipped = _chosen(spreadsheet.read(file), file)
    title = importing_text.question(wanted.title or file.stem) or NAMELESS
    gathering = Gathering(Defaults(title, OWNER, review_by), today, _reserved(own))
    for sheet, columns in chosen:
        gathering.take(sheet, columns)
    gathering.finish()
    if not gathering.drafts:
        first = f"; {gathering.left_out[0]}" if gathering.left_out else ""
        raise KioskError("input", f"{file}: no row with a question and its answer{first}")
    raw = {
        "manifest.yaml": _yaml(_manifest(name, title, origin, today)),
        "site.yaml": pack.contents(site)[0]["site.yaml"],
        **_questions(gathering, own),
    }
    _check(raw, origin, today)
    scaffold.write(out, raw)
    return Imported(
        rows=gathering.rows,
        items=len(gathering.drafts),
        variants=sum(len(draft.variants) for draft in gathering.drafts),
        sheets=tuple(sheet.name for sheet, _ in chosen if sheet.name),
        skipped_sheets=tuple(skipped),
        left_out=tuple(gathering.left_out),
        notes=(*_unused(chosen), *gathering.notes, *kiosk_notes),
    )


def _pack_id(given: str | None, out: Path) -> str:
    """The id asked for, else one after the folder's name."""
    name = given
    if name is None:
        plain = (
            re.sub(r"[^a-z0-9]+", "-", out.resolve().name.lower()).lstrip("-0123456789").rstrip("-")
        )
        name = plain[:64] or "hall"
    try:
        TypeAdapter(PackId).validate_python(name)
    except ValidationError as error:
        raise KioskError("input", f"--id {name!r}: {error.errors()[0]['msg']}") from error
    return name


def _chosen(sheets: Sequence[Sheet], file: Path) -> tuple[list[tuple[Sheet, Columns]], list[str]]:
    """The sheets that hold questions, and why the others are not read."""
    shown = [sheet for sheet in sheets if not sheet.hidden and sheet.rows]
    found = [(sheet, columns_of.by_header(sheet)) for sheet in shown]
    halves = {sheet.name: half for sheet in shown if (half := columns_of.half_header(sheet))}
    if not any(columns for _, columns in found) and not halves:
        found = [(sheet, columns_of.by_place(sheet)) for sheet in shown]
    chosen = [(sheet, columns) for sheet, columns in found if columns is not None]
    if not chosen:
        missing = next(iter(halves.values()), "question (问题) and answer (答案)")
        said = f"no column for the {missing}; name the columns in the first row: 问题, 答案"
        raise KioskError("input", f"{file}: {said}")
    names = {sheet.name for sheet, _ in chosen}
    return chosen, [_why(sheet, halves) for sheet in sheets if sheet.name not in names]


def _why(sheet: Sheet, halves: Mapping[str, str]) -> str:
    if sheet.hidden:
        return f"{sheet.name}: hidden"
    if not sheet.rows:
        return f"{sheet.name}: empty"
    return f"{sheet.name}: no column for the {halves.get(sheet.name, 'question (问题)')}"


def _unused(chosen: Sequence[tuple[Sheet, Columns]]) -> Iterator[str]:
    unused = dict.fromkeys(header for _, columns in chosen for header in columns.unused)
    if unused:
        yield f"columns not taken over: {', '.join(unused)}"


def _reserved(own: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the kiosk itself answers in every hall, whatever the list says."""
    return {
        normalised(variant): row["id"]
        for row in own
        if row["id"].startswith("control.")
        for variant in row["variants"]
    }


def _manifest(name: str, title: str, origin: Pack, today: date) -> dict[str, Any]:
    return {
        "id": name,
        "version": 1,
        "title": title,
        "scope": origin.site.name,
        "languages": list(origin.manifest.languages),
        "sample": origin.manifest.sample,
        "effective_from": today,
    }


def _questions(gathering: Gathering, own: list[dict[str, Any]]) -> dict[str, bytes]:
    """faq.yaml, and where the list is too long for one file the folder beside it."""
    parts = list(_parts(list(map(_row, gathering.drafts))))
    kiosk_s = _yaml(importing_kiosk.without(own, gathering.questions))
    if len(parts) == 1:
        return {"faq.yaml": parts[0] + kiosk_s}
    numbered = {f"{QUESTIONS}/{number:03}.yaml": part for number, part in enumerate(parts, 1)}
    return {"faq.yaml": kiosk_s, **numbered}


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "title": draft.title,
        "variants": draft.variants,
        "spoken": excerpt.spoken(draft.answer),
        "screen": draft.answer,
        "source": draft.source,
        "owner": draft.owner,
        "review_by": draft.review_by,
    }


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    """The rows as YAML, in pieces that one file can hold."""
    part: list[bytes] = []
    for row in rows:
        written = _yaml([row])
        full = len(part) >= MAX_PART_ROWS or sum(map(len, part)) + len(written) > MAX_PART_BYTES
        if part and full:
            yield b"\n".join(part)
            part = []
        part.append(written)
    yield b"\n".join(part) + b"\n"


def _check(raw: Mapping[str, bytes], origin: Pack, today: date) -> None:
    """The new pack must lint without errors; what is wrong then came from the pack taken over."""
    _, found = lint.inspect(raw, [], today, plain_text)
    errors = [each for each in found if not each.warning]
    if errors:
        said = f"{errors[0]}; mend it in {origin.manifest.id} first: kiosk pack lint"
        raise KioskError("input", said)


class _Dumper(yaml.CSafeDumper):
    """Several lines as a block, as staff write them."""


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, "|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(data: object) -> bytes:
    written: bytes = yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=1_000_000,
        encoding="utf-8",
    )
    return written
