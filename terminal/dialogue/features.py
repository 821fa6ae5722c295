"""What the ranker is told of each candidate, and of the question as a whole.

Nothing here is about a certain pack: likenesses, how much of the question a candidate explains,
and how it stands against the other candidates. So a new pack needs no training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from terminal.dialogue.index import Candidates, Index, Reading, Scores

Matrix = NDArray[np.float32]

LONG = 20
"""Characters from which a question is as good as any longer one."""

CANDIDATE = (
    *(
        f"{signal} {kind}"
        for signal in ("meaning", "characters", "sound", "likeness")
        for kind in ("best", "of three", "of six", "in any reading", "lead")
    ),
    "lead of six",
    "characters told",
    "sound told",
    "sound told in any reading",
    "characters covered",
    "sound covered",
    "name told",
    "name sound told",
    "name covered",
    "name sound covered",
)
QUESTION = (
    "meaning",
    "characters",
    "sound",
    "likeness",
    "lead",
    "characters told",
    "sound told",
    "characters known",
    "sound known",
    "length",
    "log probability",
    "agreement",
)


@dataclass(frozen=True, slots=True)
class Features:
    """The ranker's input."""

    candidates: Matrix
    """[k, len(CANDIDATE)]."""
    question: Matrix
    """[len(QUESTION)]."""


def features(index: Index, found: Candidates, log_probability: float = 0.0) -> Features:
    """Of candidates that `index` found, in their order; there must be one."""
    best = found.readings[0]
    of_best = [best.meaning, best.characters.cosine, best.sound.cosine, best.likeness]
    of_any = [
        np.max([each.meaning for each in found.readings], axis=0),
        np.max([each.characters.cosine for each in found.readings], axis=0),
        np.max([each.sound.cosine for each in found.readings], axis=0),
        np.max([each.likeness for each in found.readings], axis=0),
    ]
    columns: list[Scores] = []
    for one, other in zip(of_best, of_any, strict=True):
        top, three, six = _depths(one, found)
        columns += [top, three, six, _tops(other, found), _lead(top)]
    columns.append(_lead(columns[-3]))
    told, covered = _shares(best, found)
    sound_told = np.max(
        [each.sound.told(found.starts, found.ends) for each in found.readings], axis=0
    )
    columns += [told[0], told[1], sound_told, covered[0], covered[1]]
    columns += _names(index, best, found)
    matrix = np.stack(columns, axis=1).astype(np.float32)
    return Features(matrix, _question(found, matrix, log_probability))


def _depths(scores: Scores, found: Candidates) -> tuple[Scores, Scores, Scores]:
    """Mean of each candidate's nearest phrase, its three and its six nearest, each [k]."""
    rows = [
        np.sort(scores[start:end])[::-1][:6]
        for start, end in zip(found.starts, found.ends, strict=True)
    ]
    top = np.array([row[0] for row in rows], np.float32)
    three = np.array([row[:3].mean() for row in rows], np.float32)
    return top, three, np.array([row.mean() for row in rows], np.float32)


def _tops(scores: Scores, found: Candidates) -> Scores:
    spans = zip(found.starts, found.ends, strict=True)
    return np.array([scores[start:end].max() for start, end in spans], np.float32)


def _lead(values: Scores) -> Scores:
    """Of each value over the best of the others."""
    if len(values) == 1:
        return values.copy()
    second, first = np.partition(values, -2)[-2:]
    return np.asarray(np.where(values == first, values - second, values - first), np.float32)


def _shares(best: Reading, found: Candidates) -> tuple[list[Scores], list[Scores]]:
    """How much of the question the candidate has, and the question of its nearest phrase."""
    told = [each.told(found.starts, found.ends) for each in (best.characters, best.sound)]
    covered = [_tops(each.covered, found) for each in (best.characters, best.sound)]
    return told, covered


def _names(index: Index, best: Reading, found: Candidates) -> list[Scores]:
    """The same against titles and aliases alone."""
    signals = (
        best.characters.cosine,
        best.sound.cosine,
        best.characters.covered,
        best.sound.covered,
    )
    spans = [
        np.flatnonzero(index.names[start:end]) + start
        for start, end in zip(found.starts, found.ends, strict=True)
    ]
    return [
        np.array([values[rows].max(initial=0) for rows in spans], np.float32) for values in signals
    ]


def _question(found: Candidates, matrix: Matrix, log_probability: float) -> Matrix:
    best = found.readings[0]
    column = dict(zip(CANDIDATE, matrix.T, strict=True))
    tops = [column[f"{name} best"].max() for name in ("meaning", "characters", "sound", "likeness")]
    return np.array(
        [
            *tops,
            column["likeness lead"].max(),
            column["characters told"].max(),
            column["sound told in any reading"].max(),
            best.characters.known,
            best.sound.known,
            min(len(best.text), LONG) / LONG,
            log_probability,
            _agreement(found.readings),
        ],
        np.float32,
    )


def _agreement(readings: Sequence[Reading]) -> float:
    """How alike the other readings are to the best one, by their likeness to the pack, 0..1."""
    first = readings[0].likeness
    norm = float(np.linalg.norm(first)) or 1.0
    others = [float(each.likeness @ first) / norm for each in readings[1:]]
    norms = [float(np.linalg.norm(each.likeness)) or 1.0 for each in readings[1:]]
    return float(np.mean(np.divide(others, norms))) if others else 1.0
