"""What the ranker is told of each candidate, and of the question as a whole.

Nothing here is about a certain pack: likenesses, how much of the question a candidate explains,
and how it stands against the other candidates and against what is usual in its pack. So a new
pack needs no training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from terminal.dialogue.index import NEIGHBOURS, Candidates, Index, Reading, Rows, Scores
from terminal.dialogue.overlap import Shared

Matrix = NDArray[np.float32]

LONG = 20
"""Characters from which a question is as good as any longer one."""
MANY = 32
"""Phrases from which an item is as rich as any richer one."""

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
    "single characters told",
    "pairs of characters told",
    "single sounds told",
    "pairs of sounds told",
    "rarest character untold",
    "rarest pair untold",
    "rarest sound untold",
    "rarest pair of sounds untold",
    "untold and told by another",
    "phrases",
    "above usual",
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
    "single characters known",
    "single sounds known",
    "phrases",
    "above usual",
    "above strange",
    "lead above usual",
    "least of rarest untold",
    "meaning of three",
    "candidates near the first",
)


@dataclass(frozen=True, slots=True)
class Features:
    """The ranker's input."""

    candidates: Matrix
    """[k, len(CANDIDATE)]."""
    question: Matrix
    """[len(QUESTION)]."""


class Spans:
    """Each candidate's phrases as a row of a table, for signals of any kind."""

    def __init__(self, found: Candidates) -> None:
        self.starts, self.ends = found.starts, found.ends
        self.counts = self.ends - self.starts
        places = np.arange(int(self.counts.max()))
        self.absent = places >= self.counts[:, None]
        self.rows: Rows = np.where(self.absent, self.starts[:, None], self.starts[:, None] + places)

    def of(self, scores: Scores) -> Scores:
        """[k, most phrases of any]; -1 where there is none."""
        table = scores[self.rows]
        table[self.absent] = -1
        return table

    def tops(self, scores: Scores) -> Scores:
        """Each candidate's best, [k]."""
        return np.asarray(self.of(scores).max(axis=1), np.float32)

    def depths(self, scores: Scores) -> tuple[Scores, Scores, Scores]:
        """Mean of each candidate's nearest phrase, its three and its six nearest, each [k]."""
        table = -np.sort(-self.of(scores), axis=1)[:, :NEIGHBOURS]
        sums = np.cumsum(np.maximum(table, 0), axis=1)
        each = np.arange(len(sums))
        means = [
            sums[each, deep - 1] / deep
            for deep in (np.minimum(self.counts, depth) for depth in (1, 3, NEIGHBOURS))
        ]
        top, three, six = (np.asarray(mean, np.float32) for mean in means)
        return top, three, six


def features(index: Index, found: Candidates, log_probability: float = 0.0) -> Features:
    """Of candidates that `index` found, in their order; there must be one."""
    spans = Spans(found)
    best = found.readings[0]
    of_best = [best.meaning, best.characters.cosine, best.sound.cosine, best.likeness]
    of_any = of_best
    if len(found.readings) > 1:
        of_any = [
            np.max([each.meaning for each in found.readings], axis=0),
            np.max([each.characters.cosine for each in found.readings], axis=0),
            np.max([each.sound.cosine for each in found.readings], axis=0),
            np.max([each.likeness for each in found.readings], axis=0),
        ]
    columns: list[Scores] = []
    for one, other in zip(of_best, of_any, strict=True):
        top, three, six = spans.depths(one)
        columns += [top, three, six, top if other is one else spans.tops(other), _lead(top)]
    likeness, six = columns[15], columns[17]
    columns.append(_lead(six))
    characters = best.characters.held(found.starts, found.ends)
    sounds = best.sound.held(found.starts, found.ends)
    told = [best.characters.weights @ characters, best.sound.weights @ sounds]
    others = [each.sound.told(found.starts, found.ends) for each in found.readings[1:]]
    columns += [*told, np.max([told[1], *others], axis=0)]
    columns += [spans.tops(each.covered) for each in (best.characters, best.sound)]
    columns += _names(index, best, spans)
    untold = [*_shares(best.characters, characters), *_shares(best.sound, sounds)]
    columns += [untold[0], untold[1], untold[4], untold[5], untold[2], untold[3], *untold[6:]]
    columns.append(_told_elsewhere(best.characters, characters))
    columns.append(_richness(spans.counts))
    columns.append((0.5 * (likeness + six) - index.usual.own) / index.usual.spread)
    matrix = np.stack(columns, axis=1).astype(np.float32)
    return Features(matrix, _question(index, found, matrix, log_probability))


def _lead(values: Scores) -> Scores:
    """Of each value over the best of the others."""
    if len(values) == 1:
        return values.copy()
    second, first = np.partition(values, -2)[-2:]
    return np.asarray(np.where(values == first, values - second, values - first), np.float32)


def _shares(shared: Shared, held: NDArray[np.bool_]) -> list[Scores]:
    """Of single units and of pairs: how much each candidate has, and the rarest it lacks."""
    found: list[Scores] = []
    for length in (1, 2):
        mine = shared.lengths == length
        weights = shared.weights[mine]
        found.append(weights @ held[mine] / max(float(weights.sum()), 1e-9))
    for length in (1, 2):
        mine = shared.lengths == length
        lacking = shared.rarity[mine, None] * ~held[mine]
        found.append(lacking.max(axis=0, initial=0))
    return [np.asarray(each, np.float32) for each in found]


def _told_elsewhere(shared: Shared, held: NDArray[np.bool_]) -> Scores:
    """Weight of what a candidate lacks and the one that is told most has."""
    if not len(held):
        return np.zeros(held.shape[1], np.float32)
    most = int(np.argmax(shared.weights @ held))
    return np.asarray(shared.weights @ (held[:, most, None] & ~held), np.float32)


def _richness(counts: Rows) -> Scores:
    return np.asarray(np.log(np.minimum(counts, MANY)) / np.log(MANY), np.float32)


def _names(index: Index, best: Reading, spans: Spans) -> list[Scores]:
    """The same against titles and aliases alone."""
    signals = (
        best.characters.cosine,
        best.sound.cosine,
        best.characters.covered,
        best.sound.covered,
    )
    named = index.names[spans.rows] & ~spans.absent
    return [
        np.asarray(np.max(values[spans.rows] * named, axis=1), np.float32) for values in signals
    ]


def _question(index: Index, found: Candidates, matrix: Matrix, log_probability: float) -> Matrix:
    best, usual = found.readings[0], index.usual
    column = dict(zip(CANDIDATE, matrix.T, strict=True))
    tops = [column[f"{name} best"].max() for name in ("meaning", "characters", "sound", "likeness")]
    likeness = 0.5 * (column["likeness best"] + column["likeness of six"])
    top, lead = float(likeness.max()), float(column["likeness lead"].max())
    return np.array(
        [
            *tops,
            lead,
            column["characters told"].max(),
            column["sound told in any reading"].max(),
            best.characters.known,
            best.sound.known,
            min(len(best.text), LONG) / LONG,
            log_probability,
            _agreement(found.readings),
            best.characters.units_known,
            best.sound.units_known,
            column["phrases"][:3].mean(),
            (top - usual.own) / usual.spread,
            (top - usual.strange) / usual.spread,
            (float(_lead(likeness).max()) - usual.lead) / usual.spread,
            column["rarest pair untold"].min(),
            column["meaning of three"].max(),
            float((likeness > top - usual.spread).sum()) / len(likeness),
        ],
        np.float32,
    )


def _agreement(readings: Sequence[Reading]) -> float:
    """How alike the other readings are to the best one, by their likeness to the pack, 0..1."""
    if len(readings) == 1:
        return 1.0
    first = readings[0].likeness
    norm = float(np.linalg.norm(first)) or 1.0
    others = [float(each.likeness @ first) / norm for each in readings[1:]]
    norms = [float(np.linalg.norm(each.likeness)) or 1.0 for each in readings[1:]]
    return float(np.mean(np.divide(others, norms)))
