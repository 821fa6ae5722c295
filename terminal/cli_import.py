"""`kiosk pack import`: a hall's spreadsheet becomes a pack, and a report says how."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from knowledge import pack
from knowledge.importing import Imported, Wanted, import_list

MOST_LINES = 100
"""Of rows left out: whoever has more mends these first."""


def import_pack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX: 问题, 答案 …")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The new pack's folder.")],
    name: Annotated[
        str | None, typer.Option("--id", help="The pack's id; the folder's name by default.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="The pack's name; the file's by default.")
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(metavar="PACK", help="Take the hall, 转人工 … from this pack, not a sample."),
    ] = None,
    review_by: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="For rows without a date; in a year by default."),
    ] = None,
) -> None:
    """Make a pack of a hall's own list of questions and answers."""
    wanted = Wanted(
        name, title, pack.find(site) if site else None, review_by.date() if review_by else None
    )
    done = import_list(file, out, date.today(), wanted)
    typer.echo("\n".join(_lines(file, out, done)))


def _lines(file: Path, out: Path, done: Imported) -> list[str]:
    lines = [f"{file}: {each}" for each in done.left_out[:MOST_LINES]]
    if len(done.left_out) > MOST_LINES:
        lines.append(f"{file}: and {len(done.left_out) - MOST_LINES:,} more left out")
    lines += [f"note: {note}" for note in done.notes]
    lines += [f"sheet not read: {each}" for each in done.skipped_sheets]
    lines += [f"sheets read: {', '.join(done.sheets)}"] if done.sheets else []
    lines.append(
        f"{out}: {done.rows:,} rows -> {done.items:,} items, {done.variants:,} variants,"
        f" {len(done.left_out):,} left out; check it: kiosk pack lint {out}"
    )
    return lines
