"""Medians and tails of what was measured, and how they are printed."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from rich.console import Console
from rich.table import Table

Figures: TypeAlias = dict[str, float]
Json: TypeAlias = dict[str, object]


def spread(values: Sequence[float]) -> Figures:
    """p50 and p95 of `values`, rounded to a tenth; zeros for none."""
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    middle, tail = np.percentile(values, (50, 95))
    return {"p50": round(float(middle), 1), "p95": round(float(tail), 1)}


def ratio(slow: float, fast: float) -> float:
    """How many times `fast` goes into `slow`; 0 where nothing was measured."""
    return round(slow / fast, 2) if fast else 0.0


def machine() -> Json:
    """What the times depend on: compare runs only where these are alike."""
    return {"cores": os.cpu_count(), "load_1m": round(os.getloadavg()[0], 1)}


def print_json(document: Json) -> None:
    """One document on one line."""
    print(json.dumps(document, ensure_ascii=False), flush=True)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Words to the left, figures to the right."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
