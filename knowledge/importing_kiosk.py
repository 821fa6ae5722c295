"""What an imported pack takes over from another: its hall, and the questions every kiosk knows.

再说一遍, 转人工, 怎么取号 and emergencies stand in no hall's list, and must be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knowledge import messages, pack, refs
from knowledge.lint_between import normalised
from knowledge.pack import Entry, Pack

KIOSK_S = ("control.", "queue.")


def items(origin: Pack) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of `origin` that belong to the kiosk, and notes on what does not fit the hall.

    Where `origin` has none they come from the sample pack gov-hall, without what its hall has
    and this one has not.
    """
    found = [entry for entry in origin.entries if entry.item.id.startswith(KIOSK_S)]
    if not any(entry.item.id.startswith("control.") for entry in found):
        sample = pack.load(pack.find("gov-hall"))
        found += [entry for entry in sample.entries if entry.item.id.startswith(KIOSK_S)]
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for entry in found:
        row = _fitted(entry, origin)
        if row is None:
            said = "speaks of what site.yaml does not have; left out"
            notes.append(f"{entry.item.id} ({entry.item.title}) {said}")
        else:
            rows.append(row)
    return rows, notes


def without(rows: Sequence[dict[str, Any]], questions: set[str]) -> list[dict[str, Any]]:
    """`rows` without the `questions` (normalised) that the hall's list answers itself."""
    kept = []
    for row in rows:
        variants = [each for each in row["variants"] if normalised(each) not in questions]
        if variants:
            kept.append({**row, "variants": variants})
    return kept


def _fitted(entry: Entry, origin: Pack) -> dict[str, Any] | None:
    """The row as it stands, without what `origin` cannot fill in; None if nothing would be left."""
    row = dict(entry.document.data[entry.path[0]])
    if row.get("window") not in {window.id for window in origin.site.windows}:
        row.pop("window", None)
    known = refs.values(origin.site, row.get("window"))

    def fits(value: object) -> bool:
        return not any(refs.faults(text, known) for _, text in messages.texts(value))

    if not fits(row["spoken"]):
        return None
    lines = [line for line in row["screen"].split("\n") if fits(line)]
    row["screen"] = "\n".join(lines).strip() or row["spoken"]
    row["aspects"] = {name: part for name, part in row.get("aspects", {}).items() if fits(part)}
    row["steps"] = row.get("steps", []) if fits(row.get("steps", [])) else []
    if entry.item.en is not None and not _speaks(entry, origin):
        row.pop("en")
    return {name: value for name, value in row.items() if value}


def _speaks(entry: Entry, origin: Pack) -> bool:
    known = refs.values(origin.site, entry.item.window, "en")
    return origin.site.en is not None and not any(
        refs.faults(text, known) for _, text in messages.texts(entry.item.en)
    )
