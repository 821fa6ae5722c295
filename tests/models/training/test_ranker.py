"""Training of the ranker: made-up candidates of which the likest is mostly meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.ranker import Ranker
from models.training import ranker
from models.training.ranker import Examples, Settings

CANDIDATES, FEATURES, ASKED = 4, 3, 2
SETTINGS = Settings(hidden=4, hold=1e-4, rounds=40)


def made(count: int, seed: int = 1) -> Examples:
    """The candidate with the highest first feature is meant; none, if the question says so."""
    random = np.random.default_rng(seed)
    candidates = random.normal(size=(count, CANDIDATES, FEATURES)).astype(np.float32)
    present = np.ones((count, CANDIDATES), np.float32)
    present[::3, -1] = 0
    questions = random.normal(size=(count, ASKED)).astype(np.float32)
    likest = np.argmax(np.where(present > 0, candidates[:, :, 0], -np.inf), axis=1)
    meant = np.where(questions[:, 0] > 1, CANDIDATES, likest)
    return Examples(candidates, present, questions, meant, np.ones(count, np.float32))


@pytest.fixture(scope="module")
def model() -> ranker.Model:
    return ranker.fit(made(400), SETTINGS)


def test_it_learns_what_is_meant_and_when_nothing_is(model: ranker.Model) -> None:
    unseen = made(200, seed=2)
    chances = model.probabilities(unseen)
    assert chances.shape == (200, CANDIDATES + 1)
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (chances.argmax(axis=1) == unseen.meant).mean() > 0.85


def test_a_candidate_that_is_not_there_has_no_chance(model: ranker.Model) -> None:
    unseen = made(30, seed=3)
    assert model.probabilities(unseen)[unseen.present[:, -1] == 0, CANDIDATES - 1].max() < 1e-6


def test_the_slope_is_that_of_the_loss() -> None:
    """Else the search would end early, and nobody would notice."""
    some = made(30)
    weights = np.full(30, 1 / 30, np.float32)
    shapes = [(3, 4), (4,), (4, 4), (4,), (4,), (2, 4), (4,), (4,), ()]
    random = np.random.default_rng(5)
    layers = [np.asarray(random.normal(0, 0.5, shape), np.float64) for shape in shapes]
    scaled = (some.candidates, some.present, some.questions)
    _, slopes = ranker._missed(layers, scaled, some.meant, weights)
    for number, layer in enumerate(layers):
        step = 1e-3
        at = (0,) * layer.ndim
        more, less = (list(layers), list(layers))
        more[number], less[number] = layer.copy(), layer.copy()
        more[number][at] += step
        less[number][at] -= step
        risen = ranker._missed(more, scaled, some.meant, weights)[0]
        fallen = ranker._missed(less, scaled, some.meant, weights)[0]
        assert np.asarray(slopes[number])[at] == pytest.approx(
            (risen - fallen) / (2 * step), abs=2e-4
        ), number


def test_the_file_ranks_as_the_model_does(model: ranker.Model, tmp_path: Path) -> None:
    ranker.export(model, tmp_path / "ranker.onnx")
    written = Ranker(tmp_path / "ranker.onnx")
    unseen = made(12, seed=4)
    for row, expected in enumerate(model.probabilities(unseen)):
        there = unseen.present[row] > 0
        found = written.probabilities(unseen.candidates[row][there], unseen.questions[row])
        assert found == pytest.approx(np.append(expected[:-1][there], expected[-1]), abs=1e-4)


def test_the_same_examples_make_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        ranker.export(ranker.fit(made(50), SETTINGS), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
