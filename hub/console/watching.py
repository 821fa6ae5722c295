"""`kiosk fleet watch`: the list on the screen, or a line for each kiosk that has changed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from fleet.errors import KioskError
from hub.console import printing
from hub.console.printing import Column, Row

Look = Callable[[], list[Row]]
Columns = Callable[[], Sequence[Column]]
Sleep = Callable[[], None]
_ALWAYS_CHANGES = "seen"
_STAYS = ("why", "app", "region", "window", "labels", "hall", "site")
"""Columns that are long, or hardly ever change: left out, in this order, where there is
no room."""
_ANY_WIDTH = 10_000


def on_screen(look: Look, columns: Columns, sleep: Sleep, console: Console) -> None:
    """Until Ctrl-C. A hub that is away for a while is told of, above what it said last."""
    rows, problem = look(), ""
    with Live(console=console, auto_refresh=False) as live:
        while True:
            shown = fitting(rows, columns(), console)
            live.update(page(rows, shown, problem), refresh=True)
            sleep()
            try:
                rows, problem = look(), ""
            except KioskError as error:
                problem = error.message


def as_lines(look: Look, sleep: Sleep) -> Iterator[str]:
    """JSON: of every kiosk first, then of each that is not as it was."""
    rows, before = look(), dict[str, Row]()
    while True:
        for row in changed(before, rows):
            yield json.dumps(row, ensure_ascii=False)
        before = {row["device"]: row for row in rows}
        sleep()
        try:
            rows = look()
        except KioskError as error:
            print(f"kiosk: {error.message}", file=sys.stderr)


def changed(before: dict[str, Row], rows: Iterable[Row]) -> list[Row]:
    """Those that differ in more than when they were heard of."""
    return [row for row in rows if _lasting(row) != _lasting(before.get(row["device"], {}))]


def page(rows: Sequence[Row], columns: Sequence[Column], problem: str) -> Group:
    """A line of numbers, and the table."""
    states = Counter(str(row["state"]) for row in rows)
    counted = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    noun = "kiosk" if len(rows) == 1 else "kiosks"
    head = Text(f"{len(rows)} {noun}: {counted}" if rows else "no kiosk found")
    if problem:
        head.append(f"\n{printing.printable(problem)}; this is what it said last", style="red")
    return Group(head, printing.table(rows, columns)) if rows else Group(head)


def fitting(rows: Sequence[Row], columns: Sequence[Column], console: Console) -> list[Column]:
    """Those for which there is room: a table with too many cuts every cell, and says nothing."""
    shown = list(columns)
    anything = console.options.update_width(_ANY_WIDTH)
    for name in _STAYS:
        needs = console.measure(printing.table(rows, shown), options=anything).maximum
        if needs <= console.width:
            break
        shown = [each for each in shown if each[0] != name]
    return shown


def _lasting(row: Row) -> dict[str, object]:
    return {key: value for key, value in row.items() if key != _ALWAYS_CHANGES}
