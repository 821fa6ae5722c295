"""Training of `models.ranker`: one softmax over the candidates and "none of them".

Two hidden layers weigh each candidate, another weighs what is known of the question against all
of them; the loss is the logarithm of the probability given to what was meant, so that what comes
out means a probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.graph import Graph

Matrix = NDArray[np.float32]
Vector = NDArray[np.float64]
Rows = NDArray[np.intp]

ABSENT = np.float32(1e4)
"""Taken from a candidate's weight where there is no candidate."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Questions with their candidates."""

    candidates: Matrix
    """[n, k, features]."""
    present: Matrix
    """[n, k], 1 where there is a candidate."""
    questions: Matrix
    """[n, features]."""
    meant: NDArray[np.intp]
    """[n]: which candidate, or k for none."""
    weights: Matrix
    """[n]."""

    def __getitem__(self, rows: NDArray[Any]) -> Examples:
        return Examples(
            self.candidates[rows],
            self.present[rows],
            self.questions[rows],
            self.meant[rows],
            self.weights[rows],
        )

    def __len__(self) -> int:
        return len(self.meant)


def joined(parts: list[Examples]) -> Examples:
    """All of them, one after another."""
    return Examples(
        np.concatenate([each.candidates for each in parts]),
        np.concatenate([each.present for each in parts]),
        np.concatenate([each.questions for each in parts]),
        np.concatenate([each.meant for each in parts]),
        np.concatenate([each.weights for each in parts]),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by leaving one base out at a time."""

    hidden: int = 8
    hold: float = 2e-3
    """Pull of every weight towards zero."""
    rounds: int = 200
    seed: int = 2026


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted ranker."""

    layers: list[Any]
    scales: tuple[Matrix, Matrix, Matrix, Matrix]
    """Mean and spread of the candidates' features, then of the questions'."""

    def probabilities(self, examples: Examples) -> Matrix:
        """[n, k + 1], rows sum to 1."""
        candidates, present, questions = _scaled(examples, self.scales)
        layers = [np.asarray(each, np.float32) for each in self.layers]
        _, second, asked = _hidden(layers, candidates, questions)
        return _softmax(_logits(layers, second, present, asked))


def fit(examples: Examples, settings: Settings | None = None) -> Model:
    """L-BFGS over a quarter of the examples, and from there over all of them at once.

    The same for the same examples and settings.
    """
    settings = settings or Settings()
    scales = _scales(examples)
    shapes = _shapes(examples, settings.hidden)
    flat = np.random.default_rng(settings.seed).normal(0, 0.15, sum(map(_size, shapes)))
    quarter = examples[np.arange(0, len(examples), 4)]
    for part, rounds in ((quarter, settings.rounds), (examples, settings.rounds // 3)):
        flat = _sought(part, scales, flat, settings, rounds)
    return Model(_cut(flat, shapes), scales)


def _sought(
    examples: Examples,
    scales: tuple[Matrix, Matrix, Matrix, Matrix],
    begin: Vector,
    settings: Settings,
    rounds: int,
) -> Vector:
    """The weights of least loss near `begin`."""
    from scipy.optimize import minimize

    scaled = _scaled(examples, scales)
    shapes = _shapes(examples, settings.hidden)
    weights = (examples.weights / examples.weights.sum()).astype(np.float32)

    def loss(flat: Vector) -> tuple[float, Vector]:
        layers = _cut(flat.astype(np.float32), shapes)
        missed, slopes = _missed(layers, scaled, examples.meant, weights)
        slope = np.concatenate([np.ravel(each) for each in slopes]).astype(np.float64)
        held = settings.hold * float(flat @ flat)
        return missed + held, slope + 2 * settings.hold * flat

    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    return np.asarray(found.x, np.float64)


def export(model: Model, target: Path) -> None:
    """Write the ONNX graph: `candidates` [k, f], `question` [q] -> probabilities [k + 1]."""
    w1, b1, w2, b2, v, u1, c1, u, c0 = model.layers
    mean, spread, question_mean, question_spread = model.scales
    graph = Graph("ranker")

    def layer(x: str, weight: Any, bias: Any) -> str:
        product = graph.node("MatMul", x, graph.constant(weight))
        return graph.node("Tanh", graph.node("Add", product, graph.constant(bias)))

    def scaled(x: str, mean: Matrix, spread: Matrix) -> str:
        return graph.node("Div", graph.node("Sub", x, graph.constant(mean)), graph.constant(spread))

    hidden = layer(layer(scaled("candidates", mean, spread), w1, b1), w2, b2)
    weights = graph.node("MatMul", hidden, graph.constant(v))
    hidden = layer(scaled("question", question_mean, question_spread), u1, c1)
    none = graph.node("MatMul", hidden, graph.constant(u[:, None]))
    none = graph.node("Add", none, graph.constant([c0]))
    chances = graph.node("Softmax", graph.node("Concat", weights, none, axis=0), axis=0)
    graph.save(
        target, {"candidates": ["k", len(mean)], "question": [len(question_mean)]}, chances, ["n"]
    )


def _missed(
    layers: list[Any], scaled: tuple[Matrix, Matrix, Matrix], meant: Rows, weights: Matrix
) -> tuple[float, list[Any]]:
    """The mean loss, and its slope by each layer."""
    _, _, w2, _, v, _, _, u, _ = layers
    candidates, present, questions = scaled
    first, second, asked = _hidden(layers, candidates, questions)
    chances = _softmax(_logits(layers, second, present, asked))
    rows = np.arange(len(meant))
    missed = -float(weights @ np.log(np.maximum(chances[rows, meant], 1e-30)))
    wrong = chances * weights[:, None]
    wrong[rows, meant] -= weights
    each, none = wrong[:, :-1], wrong[:, -1]
    by_second = each[..., None] * v * (1 - second**2)
    by_first = (by_second @ w2.T) * (1 - first**2)
    by_asked = none[:, None] * u * (1 - asked**2)
    return missed, [
        _across(candidates, by_first),
        by_first.sum(axis=(0, 1)),
        _across(first, by_second),
        by_second.sum(axis=(0, 1)),
        _across(second, each[..., None])[:, 0],
        questions.T @ by_asked,
        by_asked.sum(axis=0),
        asked.T @ none,
        none.sum(),
    ]


def _across(left: Matrix, right: Matrix) -> Matrix:
    """The product over all candidates of all questions; as `tensordot`, without its copies."""
    flat = left.reshape(-1, left.shape[2]).T @ right.reshape(-1, right.shape[2])
    return np.asarray(flat, np.float32)


def _hidden(
    layers: list[Any], candidates: Matrix, questions: Matrix
) -> tuple[Matrix, Matrix, Matrix]:
    w1, b1, w2, b2, _, u1, c1, _, _ = layers
    first = np.tanh(candidates @ w1 + b1)
    return first, np.tanh(first @ w2 + b2), np.tanh(questions @ u1 + c1)


def _logits(layers: list[Any], second: Matrix, present: Matrix, asked: Matrix) -> Matrix:
    _, _, _, _, v, _, _, u, c0 = layers
    each = second @ v + (present - 1) * ABSENT
    return np.concatenate([each, (asked @ u + c0)[:, None]], axis=1)


def _softmax(logits: Matrix) -> Matrix:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _shapes(examples: Examples, hidden: int) -> list[tuple[int, ...]]:
    wide, long = examples.candidates.shape[2], examples.questions.shape[1]
    return [
        (wide, hidden),
        (hidden,),
        (hidden, hidden),
        (hidden,),
        (hidden,),
        (long, hidden),
        (hidden,),
        (hidden,),
        (),
    ]


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape)) if shape else 1


def _cut(flat: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    pieces, at = [], 0
    for shape in shapes:
        piece = flat[at : at + _size(shape)]
        pieces.append(piece.reshape(shape) if shape else piece[0])
        at += _size(shape)
    return pieces


def _scales(examples: Examples) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    there = examples.candidates[examples.present > 0]
    questions = examples.questions
    return (
        there.mean(axis=0),
        there.std(axis=0) + np.float32(1e-3),
        questions.mean(axis=0),
        questions.std(axis=0) + np.float32(1e-3),
    )


def _scaled(
    examples: Examples, scales: tuple[Matrix, Matrix, Matrix, Matrix]
) -> tuple[Matrix, Matrix, Matrix]:
    mean, spread, question_mean, question_spread = scales
    candidates = (examples.candidates - mean) / spread
    questions = (examples.questions - question_mean) / question_spread
    return candidates.astype(np.float32), examples.present, questions.astype(np.float32)
