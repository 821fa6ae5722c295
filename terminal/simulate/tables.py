"""A simulation's row for people."""

from __future__ import annotations

from collections.abc import Mapping

from terminal.bench import figures
from terminal.simulate.judge import Verdict


def show(row: Mapping[str, object], verdict: Verdict) -> None:
    """Print it, and the judge's examples."""
    rows = [(name.replace("_", " "), _words(value)) for name, value in row.items()]
    figures.print_table("Simulation", ("", ""), rows)
    for fault in verdict.faults:
        print(f"FAULT: {fault}")
    if verdict.is_clean:
        print("nothing lost, nothing twice")


def _words(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name} {_words(each)}" for name, each in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)
