"""Questions that no pack had an answer for, put together by meaning: what to write next.

Each is put to the nearest group, the newest first, or begins a group of its own. Near is by the
direction that the kiosk's encoder gave; without one, by shared pairs of characters; without a text,
by the answer that came nearest.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.tables import Unanswered

MAX_ROWS = 5000
"""Looked at for one answer, the newest."""
ALIKE = 0.7
"""Cosine of two directions of one question."""
ALIKE_LETTERS = 0.5
"""Shared pairs of characters of two texts: Dice's coefficient."""
EXAMPLES = 5
NEAREST = 3
Direction = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """One that was asked."""

    device: str
    at: float
    text: str | None = None
    meaning: Direction | None = None
    """Of length 1."""
    nearest: tuple[str, ...] = ()


@dataclass(slots=True)
class Group:
    """Questions that mean the same."""

    first: Question
    members: list[Question] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """As the API tells it."""
        texts = Counter(each.text for each in self.members if each.text)
        nearest = Counter(name for each in self.members for name in each.nearest[:1])
        return {
            "count": len(self.members),
            "devices": len({each.device for each in self.members}),
            "examples": [text for text, _ in texts.most_common(EXAMPLES)],
            "nearest": [name for name, _ in nearest.most_common(NEAREST)],
            "last": max(each.at for each in self.members),
        }


def clusters(session: Session, since: float, pack: str = "") -> list[dict[str, Any]]:
    """Groups of what came since then, the largest first; `pack`: an id or a label."""
    asked = select(Unanswered).where(Unanswered.received >= since)
    if pack and "@" in pack:
        asked = asked.where(Unanswered.pack == pack)
    elif pack:
        asked = asked.where(Unanswered.pack.startswith(f"{pack}@", autoescape=True))
    rows = session.scalars(asked.order_by(Unanswered.id.desc()).limit(MAX_ROWS))
    found = [
        Question(row.device, row.at, row.text, direction(row.meaning), tuple(row.nearest))
        for row in rows
    ]
    return [each.row() for each in grouped(found)]


def grouped(questions: Iterable[Question]) -> list[Group]:
    """The largest group first; of equal ones that with the newest question."""
    questions = list(questions)
    by_length: dict[int, list[Question]] = {}
    worded, silent = [], []
    for each in questions:
        if each.meaning is not None:
            by_length.setdefault(len(each.meaning), []).append(each)
        elif each.text:
            worded.append(each)
        else:
            silent.append(each)
    groups = [each for of_one in by_length.values() for each in _by_meaning(of_one)]
    _by_letters(worded, groups)
    groups += _by_nearest(silent)
    return sorted(groups, key=lambda each: (-len(each.members), -each.first.at))


def direction(meaning: str | None) -> Direction | None:
    """Of base64 of int8; None if it is none."""
    if not meaning:
        return None
    try:
        raw = np.frombuffer(base64.b64decode(meaning, validate=True), np.int8).astype(np.float32)
    except (ValueError, binascii.Error):
        return None
    length = float(np.linalg.norm(raw))
    return raw / np.float32(length) if length else None


def _by_meaning(questions: list[Question]) -> list[Group]:
    width = 0 if questions[0].meaning is None else len(questions[0].meaning)
    firsts: Direction = np.empty((len(questions), width), np.float32)
    groups: list[Group] = []
    for each in questions:
        assert each.meaning is not None  # noqa: S101 - who calls has sorted them
        near = firsts[: len(groups)] @ each.meaning
        best = int(near.argmax()) if groups else 0
        if not groups or near[best] < ALIKE:
            firsts[len(groups)] = each.meaning
            best = len(groups)
            groups.append(Group(each))
        groups[best].members.append(each)
    return groups


def _by_letters(questions: list[Question], groups: list[Group]) -> None:
    """Into `groups`, or new ones."""
    firsts = [_pairs(each.first.text or "") for each in groups]
    for each in questions:
        own = _pairs(each.text or "")
        near = [_dice(own, first) for first in firsts]
        best = max(range(len(near)), key=near.__getitem__, default=0)
        if not near or near[best] < ALIKE_LETTERS:
            firsts.append(own)
            best = len(groups)
            groups.append(Group(each))
        groups[best].members.append(each)


def _by_nearest(questions: list[Question]) -> list[Group]:
    found: dict[tuple[str, ...], Group] = {}
    for each in questions:
        found.setdefault(each.nearest[:1], Group(each)).members.append(each)
    return list(found.values())


def _pairs(text: str) -> frozenset[str]:
    letters = "".join(each for each in text.casefold() if each.isalnum())
    return frozenset(letters[at : at + 2] for at in range(max(1, len(letters) - 1)))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))
