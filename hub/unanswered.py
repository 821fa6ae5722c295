"""Questions that no pack had an answer for, put together by meaning: what to write next.

Each is put to the nearest group, the newest first, or begins a group of its own. Near is by the
direction that the kiosk's encoder gave; without one, by shared characters; without a text, by the
answer that came nearest.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.tables import Unanswered

MAX_ROWS = 3000
"""Looked at for one answer, the newest."""
ALIKE = 0.55
"""Mean cosine to a group's members.

Measured with use-m3 in int8 on the variants of the shipped packs' items, five each, written to be
as different as people are: two of one group were of one item in 42 % of cases (76 items of
gov-hall) and 50 % (62 of bank-hall), two of one item in one group in 40 and 36 %. At 0.65: 56 and
66 %, 23 and 18 %.
"""
ALIKE_LETTERS = 0.25
"""The same of characters and their pairs, weighted by rarity: 44 and 44 %, 14 and 12 %."""
LETTER_DIMENSIONS = 1024
EXAMPLES = 5
NEAREST = 3
Direction = NDArray[np.float32]
Directions = NDArray[np.float32]


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
    by_length: dict[int, list[Question]] = {}
    worded, silent = [], []
    for each in questions:
        if each.meaning is not None:
            by_length.setdefault(len(each.meaning), []).append(each)
        elif each.text:
            worded.append(each)
        else:
            silent.append(each)
    groups: list[Group] = []
    for some in by_length.values():
        directions = np.stack([each.meaning for each in some if each.meaning is not None])
        groups += _by_direction(some, directions, ALIKE)
    if worded:
        texts = [each.first.text or "" for each in groups] + [each.text or "" for each in worded]
        groups += _by_direction(worded, _letters(texts), ALIKE_LETTERS, groups)
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


def _by_direction(
    questions: Sequence[Question], directions: Directions, alike: float, begun: Sequence[Group] = ()
) -> list[Group]:
    """Groups that are new; those of `begun` get more members.

    `directions`: one for each of `begun`, then one a question.
    """
    room = len(begun) + len(questions)
    sums: Directions = np.zeros((room, directions.shape[1]), np.float32)
    counts: Directions = np.ones(room, np.float32)
    sums[: len(begun)] = directions[: len(begun)]
    groups = list(begun)
    for each, own in zip(questions, directions[len(begun) :], strict=True):
        # The mean cosine to a group's members, not that to its first: half as many strangers.
        near = (sums[: len(groups)] @ own) / counts[: len(groups)]
        best = int(near.argmax()) if groups else 0
        if not groups or near[best] < alike:
            best = len(groups)
            groups.append(Group(each))
        else:
            counts[best] += 1
        sums[best] += own
        groups[best].members.append(each)
    return groups[len(begun) :]


def _by_nearest(questions: Iterable[Question]) -> list[Group]:
    found: dict[tuple[str, ...], Group] = {}
    for each in questions:
        found.setdefault(each.nearest[:1], Group(each)).members.append(each)
    return list(found.values())


def _letters(texts: Sequence[str]) -> Directions:
    """Characters and pairs of them, weighted by how rare they are, in a few hashed dimensions."""
    found: Directions = np.zeros((len(texts), LETTER_DIMENSIONS), np.float32)
    for row, text in zip(found, texts, strict=True):
        letters = "".join(each for each in text.casefold() if each.isalnum())
        pairs = [letters[at : at + 2] for at in range(len(letters) - 1)]
        for each in (*letters, *pairs):
            row[zlib.crc32(each.encode("utf-8", "replace")) % LETTER_DIMENSIONS] += 1
    rare = np.log(1 + len(texts) / np.maximum(1, (found > 0).sum(axis=0)))
    found = np.log1p(found) * rare.astype(np.float32)
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return found
