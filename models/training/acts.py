"""Training of `models.acts`: multinomial logistic regression, and how far to trust it.

The pull of the weights towards zero and the share of the n-grams are chosen by cross-validation
over the rows labelled by hand; so is the temperature, by which the logits are divided so that a
confidence means a probability. A hidden layer of 32 was worse (79 % right, not 81 %): it learned
the few thousand sentences by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.acts import ACTS, GRAMS
from models.training.graph import Graph

Matrix = NDArray[np.float32]
Vector = NDArray[np.float64]

SEED = 2026
FOLDS = 3
TEMPERATURES = tuple(round(0.5 + 0.05 * step, 2) for step in range(31))
"""0.5 to 2."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Sentences with their acts."""

    states: Matrix
    """[n, width]."""
    grams: Any
    """[n, GRAMS], a SciPy sparse array."""
    acts: NDArray[np.intp]
    """[n], places in ACTS."""
    weights: Vector
    """[n]."""
    groups: NDArray[np.intp]
    """[n]: forms of one sentence share a number, and never part in cross-validation."""
    judged: NDArray[np.bool_]
    """[n]: whether cross-validation counts it."""

    def __getitem__(self, rows: NDArray[Any]) -> Examples:
        return Examples(
            self.states[rows],
            self.grams[rows],
            self.acts[rows],
            self.weights[rows],
            self.groups[rows],
            self.judged[rows],
        )

    def __len__(self) -> int:
        return len(self.acts)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit."""

    hold: float = 1e-4
    """Pull of every weight towards zero."""
    share: float = 1.0
    """Scale of the n-grams beside the states."""
    rounds: int = 200


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted classifier."""

    weights: Matrix
    """[width + GRAMS, acts]."""
    bias: Matrix
    """[acts]."""

    def logits(self, examples: Examples) -> Vector:
        """[n, acts]."""
        width = examples.states.shape[1]
        found = examples.states @ self.weights[:width] + examples.grams @ self.weights[width:]
        return np.asarray(found + self.bias, np.float64)

    def cooled(self, temperature: float) -> Model:
        """The same choices with logits divided by `temperature`."""
        return Model(self.weights / np.float32(temperature), self.bias / np.float32(temperature))


def fit(examples: Examples, settings: Settings) -> Model:
    """L-BFGS over all examples at once; the same for the same examples and settings."""
    from scipy.optimize import minimize

    width, acts = examples.states.shape[1], len(ACTS)
    weights = (examples.weights / examples.weights.sum())[:, None]
    meant = np.eye(acts)[examples.acts]
    states, grams = examples.states.astype(np.float32), examples.grams * np.float32(settings.share)

    def loss(flat: Vector) -> tuple[float, Vector]:
        turn, bias = flat[:-acts].reshape(-1, acts), flat[-acts:]
        small = turn.astype(np.float32)
        logs = _log_softmax(states @ small[:width] + grams @ small[width:] + bias)
        missed = -(weights * meant * logs).sum() + settings.hold * (turn**2).sum()
        slope = weights * (np.exp(logs) - meant)
        light = slope.astype(np.float32)
        by_turn = np.concatenate([states.T @ light, grams.T @ light]) + 2 * settings.hold * turn
        return float(missed), np.concatenate([by_turn.ravel(), slope.sum(axis=0)])

    begin = np.zeros((width + GRAMS + 1) * acts)
    found = minimize(
        loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": settings.rounds}
    ).x
    turn = found[:-acts].reshape(-1, acts).astype(np.float32)
    turn[width:] *= np.float32(settings.share)
    return Model(turn, found[-acts:].astype(np.float32))


@dataclass(frozen=True, slots=True)
class Choice:
    """What cross-validation chose, and how it judged each candidate."""

    settings: Settings
    temperature: float
    judged: Sequence[tuple[Settings, float, float]]
    """Settings, share right, mean loss (natural logarithm)."""


def choose(examples: Examples, candidates: Sequence[Settings]) -> Choice:
    """The candidate of least loss, and the temperature of least loss for it."""
    random = np.random.default_rng(SEED)
    fold_of = random.integers(0, FOLDS, examples.groups.max() + 1)[examples.groups]
    judged, logits_of = [], []
    for settings in candidates:
        parts = []
        for fold in range(FOLDS):
            model = fit(examples[fold_of != fold], settings)
            held = examples[(fold_of == fold) & examples.judged]
            parts.append((model.logits(held), held.acts))
        logits = np.concatenate([each for each, _ in parts])
        acts = np.concatenate([each for _, each in parts])
        right = float((logits.argmax(axis=1) == acts).mean())
        judged.append((settings, right, _loss(logits, acts, 1.0)))
        logits_of.append((logits, acts))
    best = min(range(len(judged)), key=lambda place: judged[place][2])
    temperature = min(TEMPERATURES, key=lambda value: _loss(*logits_of[best], value))
    return Choice(candidates[best], temperature, judged)


def export(model: Model, target: Path) -> None:
    """Write the ONNX graph: `states` [n, width], `grams` [n, GRAMS] -> probabilities [n, acts].

    Half precision inside.
    """
    width = len(model.weights) - GRAMS
    graph = Graph("acts")
    parts = (("states", model.weights[:width]), ("grams", model.weights[width:]))
    products = [
        graph.node("MatMul", name, graph.node("Cast", graph.constant(part, np.float16), to=1))
        for name, part in parts
    ]
    logits = graph.node("Add", graph.node("Add", *products), graph.constant(model.bias))
    chances = graph.node("Softmax", logits, axis=-1)
    inputs: dict[str, list[Any]] = {"states": ["n", width], "grams": ["n", GRAMS]}
    graph.save(target, inputs, chances, ["n", len(ACTS)])


def _loss(logits: Vector, acts: NDArray[np.intp], temperature: float) -> float:
    logs = _log_softmax(logits / temperature)
    return -float(logs[np.arange(len(acts)), acts].mean())


def _log_softmax(logits: Any) -> Vector:
    lowered = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True)), np.float64)
