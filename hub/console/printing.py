"""Rows as a table for people, or as JSON lines for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], object]]
"""Its title, and what stands in it."""

GAP = 3
"""Between two columns of a table."""
LEAST, LEAST_MORE = 8, 14
"""Characters to which a cell is folded; that of all the rest together."""
SENTENCE, LEAST_SENTENCE = 24, 20
"""A cell beyond so many characters is read as a sentence; those to which it is folded."""

NOTHING: tuple[object, ...] = (None, "", [], {})
GOOD = frozenset(("online", "current", "done", "open", "running", "on", "ok"))
BAD = frozenset(("offline", "revoked", "refused", "failed", "halted", "lost", "silent", "missing"))
BAD |= frozenset(("absent", "fault", "out_of_service", "factory_pack", "bare"))


def print_rows(
    rows: Iterable[Row],
    columns: Sequence[Column],
    *,
    as_json: bool,
    whole: Collection[str] = (),
) -> None:
    """One line for each row; columns of the titles `whole` keep theirs on a narrow screen."""
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    found = list(rows)
    if not found:
        print("nothing found", file=sys.stderr)
        return
    console = Console()
    fitted = narrowed(found, columns, whole, console.width) if whole else columns
    console.print(table(found, fitted, whole))


def table(rows: Iterable[Row], columns: Sequence[Column], whole: Collection[str] = ()) -> Table:
    """For people; a column that says nothing is left out.

    whole: titles of columns that are never folded; empty: all but the last, which alone is long.
    """
    cells = [[value(row) for _, value in columns] for row in rows]
    told = [at for at in range(len(columns)) if any(row[at] not in NOTHING for row in cells)]
    made = Table(box=box.SIMPLE, pad_edge=False)
    for at in told:
        title = columns[at][0]
        stays = title in whole if whole else at != told[-1]
        made.add_column(title, overflow="fold", no_wrap=stays)
    for row in cells:
        made.add_row(*(cell(row[at]) for at in told))
    return made


def narrowed(
    rows: Sequence[Row], columns: Sequence[Column], whole: Collection[str], width: int
) -> list[Column]:
    """Columns among which those of the titles `whole` have room in `width` characters.

    The others stay as long as each can be folded to a readable width; else one takes them all in.
    """
    told = [each for each in columns if any(each[1](row) not in NOTHING for row in rows)]
    needs = {title: _width(title, value, rows) for title, value in told}
    least = [need if title in whole else _folded(need) for title, need in needs.items()]
    if sum(least) + GAP * (len(least) - 1) <= width:
        return told
    rest = [each for each in told if each[0] not in whole]

    def more(row: Row) -> str:
        cells = [(title, value(row)) for title, value in rest]
        return ", ".join(f"{title} {cell(it)}" for title, it in cells if it not in NOTHING)

    kept = [each for each in told if each[0] in whole]
    room = width - sum(needs[title] for title, _ in kept) - GAP * len(kept)
    return [*kept, ("more", more)] if room >= LEAST_MORE else kept


def _folded(need: int) -> int:
    return LEAST_SENTENCE if need > SENTENCE else min(need, LEAST)


def _width(title: str, value: Callable[[Row], object], rows: Sequence[Row]) -> int:
    return max(cell_len(title), *(cell_len(str(cell(value(row)))) for row in rows))


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """One thing, a line for each of its fields."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in fields:
        made.add_row(Text(name, style="dim"), cell(value))
    Console().print(made)


def plainly(value: object) -> str:
    """A value inside a sentence; a list as its members."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def bad(words: Sequence[str]) -> object:
    """Words that call for somebody; nothing where there are none."""
    return Text(printable(", ".join(words)), style="red") if words else ""


def cell(value: object) -> Text:
    """A value: its text, never markup, and a colour where it is good or bad."""
    match value:
        case Text():
            return value
        case None | "":
            return Text("–", style="dim")
        case bool():
            return Text("yes" if value else "no")
        case float():
            return Text(f"{value:.1f}".removesuffix(".0"))
        case list() | tuple():
            return Text(plainly(value))
        case dict():
            return Text(", ".join(f"{key}={each}" for key, each in value.items()))
    text = printable(str(value))
    style = "green" if text in GOOD else "red" if text in BAD else ""
    return Text(text, style=style)


def printable(text: str) -> str:
    """Without what would move a terminal's cursor: the text came over the network."""
    return "".join(
        each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text
    )


def when(seconds: object) -> str:
    """A time, local: 2026-11-22 15:04:05"""
    if not isinstance(seconds, int | float):
        return ""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def shortly(seconds: object) -> str:
    """The same for a column: 11-22 15:04"""
    return when(seconds)[5:16]


def ago(seconds: object, now: float) -> str:
    """How long since: 12 s, 5 min, 3 h, 2 d."""
    if not isinstance(seconds, int | float):
        return ""
    passed = max(0.0, now - seconds)
    for limit, unit, size in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if passed < limit:
            return f"{passed / size:.0f} {unit}"
    return f"{passed / 86_400:.0f} d"
