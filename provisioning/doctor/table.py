"""The findings as a table for people, in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from provisioning.doctor.row import WORDS, Row, summary

COLOURS = {"ok": "green", "note": "cyan", "warn": "yellow", "fail": "bold red"}


def show(rows: Sequence[Row], console: Console) -> None:
    """A line for each, with the mend beneath, and the sum at the end."""
    table = Table(box=box.SIMPLE, title="服务终端体检", title_justify="left")
    table.add_column("结果", no_wrap=True)
    table.add_column("项目", no_wrap=True)
    table.add_column("情况与处理")
    for row in rows:
        found = Text(row.found)
        if row.mend:
            found.append(f"\n→ {row.mend}", COLOURS[row.verdict])
        if error := row.figures.get("error"):
            found.append(f"\n原因：{error}", "dim")
        table.add_row(Text(WORDS[row.verdict], COLOURS[row.verdict]), Text(row.title), found)
    console.print(table)
    counts = summary(rows)
    console.print("，".join(f"{word} {counts[each]} 项" for each, word in WORDS.items()))
