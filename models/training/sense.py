"""Training of `models.sense`: questions of one matter together, its neighbours apart.

A linear turn of the encoder's states (1024 -> 256 dimensions), begun at their principal
directions. Each step takes two random phrasings of up to 256 matters of one knowledge base; each
phrasing must find its twin among all others (cross-entropy over cosines, both ways), so that
close neighbours of the same base weigh most. The turn is held near its beginning: bases that it
never saw must gain too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.sense import DIMENSIONS
from models.training.graph import Graph

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Base:
    """One knowledge base, or one pack."""

    name: str
    states: Matrix
    """[phrases, width]."""
    matters: Sequence[NDArray[np.intp]]
    """Rows of each matter's phrases, two or more."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by leaving one base out at a time."""

    steps: int = 1200
    matters: int = 256
    rate: float = 2e-3
    hold: float = 1e-3
    """Pull towards the beginning."""
    sharpness: float = 20.0
    seed: int = 2026


def fit(bases: Sequence[Base], settings: Settings | None = None) -> Matrix:
    """The turn, float32 [width, 256]; the same for the same bases and settings."""
    settings = settings or Settings()
    random = np.random.default_rng(settings.seed)
    begin = _principal(np.concatenate([base.states for base in bases]))
    turn = begin.copy()
    shares = np.array([len(base.states) for base in bases], np.float64)
    speed, size = np.zeros_like(turn), np.zeros_like(turn)
    for step in range(1, settings.steps + 1):
        base = bases[random.choice(len(bases), p=shares / shares.sum())]
        one, other = _pairs(base, settings.matters, random)
        slope = _slope(turn, one, other, settings.sharpness)
        slope += settings.hold * (turn - begin)
        # Adam, with a rate that falls to nothing.
        speed = 0.9 * speed + 0.1 * slope
        size = 0.999 * size + 0.001 * slope * slope
        rate = settings.rate * min(1.0, 1.2 * (1 - step / settings.steps) + 0.02)
        mean, spread = speed / (1 - 0.9**step), size / (1 - 0.999**step)
        turn -= np.float32(rate) * mean / (np.sqrt(spread) + 1e-8)
    return turn


def export(turn: Matrix, target: Path) -> None:
    """Write the ONNX graph: `states` [n, width] -> unit rows [n, 256]. Half precision inside."""
    graph = Graph("sense")
    weights = graph.node("Cast", graph.constant(turn, np.float16), to=1)
    turned = graph.node("MatMul", "states", weights)
    length = graph.node("ReduceL2", turned, axes=[-1], keepdims=1)
    unit = graph.node("Div", turned, graph.node("Max", length, graph.constant(1e-9)))
    graph.save(target, {"states": ["n", turn.shape[0]]}, unit, ["n", turn.shape[1]])


def _principal(states: Matrix) -> Matrix:
    _, directions = np.linalg.eigh(states.T @ states)
    return np.ascontiguousarray(directions[:, ::-1][:, :DIMENSIONS], np.float32)


def _pairs(base: Base, matters: int, random: np.random.Generator) -> tuple[Matrix, Matrix]:
    chosen = random.permutation(len(base.matters))[:matters]
    rows = np.array([random.choice(base.matters[each], 2, replace=False) for each in chosen])
    return base.states[rows[:, 0]], base.states[rows[:, 1]]


def _slope(turn: Matrix, one: Matrix, other: Matrix, sharpness: float) -> Matrix:
    """Of the loss by the turn."""
    (left, left_size), (right, right_size) = _unit(one @ turn), _unit(other @ turn)
    likeness = np.float32(sharpness) * (left @ right.T)
    wrong = (_softmax(likeness, 1) + _softmax(likeness, 0)) / 2 - np.eye(len(one))
    wrong = (wrong * sharpness / len(one)).astype(np.float32)
    by_left = _through_unit(wrong @ right, left, left_size)
    by_right = _through_unit(wrong.T @ left, right, right_size)
    return np.asarray(one.T @ by_left + other.T @ by_right, np.float32)


def _unit(rows: Matrix) -> tuple[Matrix, Matrix]:
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / size, size


def _through_unit(slope: NDArray[Any], unit: Matrix, size: Matrix) -> NDArray[Any]:
    return np.asarray((slope - unit * (slope * unit).sum(axis=1, keepdims=True)) / size)


def _softmax(values: NDArray[Any], axis: int) -> NDArray[Any]:
    raised = np.exp(values - values.max(axis=axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True))
