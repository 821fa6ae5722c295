"""What the understanding is trained on: sample packs, question bases, and what was heard.

A question base is JSON lines `{"id", "title", "phrases": […]}`; the phrases of one id mean one
matter. `heard/*.jsonl` holds what the recogniser made of pack phrases spoken by many voices in
noise (see `terminal.training.speak`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge import pack as packs
from terminal.errors import KioskError

DATA = Path(__file__).parents[2] / "models" / "training" / "data"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that people ask for, and how they ask for it."""

    names: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the recogniser made of one phrase."""

    condition: str
    """clean, babble 10, noise 5 …: the ratio in dB."""
    readings: tuple[str, ...]
    """Best first."""
    log_probability: float


@dataclass(frozen=True, slots=True)
class Source:
    """A knowledge base."""

    name: str
    matters: Mapping[str, Matter]
    heard: Mapping[tuple[str, str], Sequence[Heard]] = field(default_factory=dict)
    """By matter and phrase."""
    asked: Sequence[tuple[str, str | None]] = ()
    """A pack's own test questions, written without sight of it, and what they mean."""


def sources() -> list[Source]:
    """All of them, in one order. KioskError where the data are not there."""
    heard = _heard()
    found = [_of_pack(folder, heard) for folder in packs.samples()]
    files = sorted((DATA / "questions").glob("*.jsonl"))
    if not files:
        raise KioskError("missing", f"{DATA}: no training data; train from a source checkout")
    return found + [_of_base(file) for file in files]


def in_english() -> list[Source]:
    """The packs' English phrases, as sources of their own."""
    found = []
    for folder in packs.samples():
        items = [item for item in packs.load(folder).items() if item.en]
        matters = {i.id: Matter((i.en.title,), tuple(i.en.variants)) for i in items if i.en}
        found.append(Source(f"{folder.name} in English", matters))
    return found


def acts(part: str) -> list[tuple[str, str]]:
    """Labelled utterances, text and act; `part` is train or test."""
    return [(row["text"], row["act"]) for row in _rows(DATA / "acts" / f"{part}.jsonl")]


def _of_pack(folder: Path, heard: Mapping[tuple[str, str], Sequence[Heard]]) -> Source:
    items = packs.load(folder).items()
    matters = {i.id: Matter((i.title, *i.aliases), tuple(i.variants)) for i in items}
    mine = {key: rows for key, rows in heard.items() if key[0] in matters}
    return Source(folder.name, matters, mine, _asked(folder / "tests.jsonl"))


def _asked(file: Path) -> list[tuple[str, str | None]]:
    rows = (row for row in _rows(file) if not row.get("context") and row["outcome"] != "clarify")
    return [(row["text"], row["answer_id"]) for row in rows]


def _of_base(file: Path) -> Source:
    matters = {row["id"]: Matter((row["title"],), tuple(row["phrases"])) for row in _rows(file)}
    return Source(file.stem, matters)


def _heard() -> Mapping[tuple[str, str], Sequence[Heard]]:
    found: dict[tuple[str, str], list[Heard]] = defaultdict(list)
    for file in sorted((DATA / "heard").glob("*.jsonl")):
        for row in _rows(file):
            heard = Heard(row["condition"], tuple(row["readings"]), row["log_probability"])
            found[row["item"], row["text"]].append(heard)
    return found


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
