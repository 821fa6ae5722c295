"""One finding of the doctor: a stable id, a verdict, and in Chinese what was found and the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Verdict = Literal["ok", "note", "warn", "fail"]
VERDICTS: tuple[Verdict, ...] = ("ok", "note", "warn", "fail")
"""From good to bad. A note asks for nothing; a kiosk with warnings serves; one that fails does not
serve as it should."""
WORDS: Mapping[Verdict, str] = {"ok": "正常", "note": "提示", "warn": "警告", "fail": "故障"}

Figure: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """What one check found."""

    id: str
    """Stable, in parts: microphone.noise."""
    verdict: Verdict
    title: str
    found: str
    """In Chinese, one line."""
    mend: str = ""
    """In Chinese, what to do; empty where nothing is to be done."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """What was measured; the unit is in the name."""

    def as_json(self) -> dict[str, object]:
        """The line of `kiosk doctor --json`."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "title": self.title,
            "found": self.found,
            "mend": self.mend,
            "figures": dict(self.figures),
        }


def worst(rows: Iterable[Row]) -> Verdict:
    """Of all; `ok` of none."""
    return max((row.verdict for row in rows), key=VERDICTS.index, default="ok")


def summary(rows: Iterable[Row]) -> dict[str, object]:
    """The last line of `kiosk doctor --json`."""
    rows = list(rows)
    counts = Counter(row.verdict for row in rows)
    return {"verdict": worst(rows), **{each: counts[each] for each in VERDICTS}}
