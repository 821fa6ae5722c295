"""Training of a wake word's check: it learns, is written, and goes on from what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.base import Samples
from models.onnx_session import open_session
from models.wake_check import STATES, WIDTH

pytest.importorskip("torch")

from models.training import wake_check
from models.training.wake_check import Example, Settings

SETTINGS = Settings(steps=40, phrases=6, near=4, others=4, directions=8, channels=6)


def made(count: int, seed: int) -> list[Example]:
    """The phrase has all directions a little higher in its middle."""
    random = np.random.default_rng(seed)
    states = random.normal(size=(count, STATES, WIDTH)).astype(np.float16)
    found = []
    for number, each in enumerate(states):
        if number % 3 == 0:
            each[40:60] += np.float16(1.5)
        found.append(Example(each, phrase=number % 3 == 0, near=number % 3 == 1))
    return found


def logits(file: Path, examples: list[Example]) -> Samples:
    states = np.stack([each.states for each in examples]).astype(np.float32)
    found: Samples = open_session(file, threads=1).run(None, {"states": states})[0]
    return found.reshape(-1)


def test_what_was_written_is_opened_and_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    fitted = wake_check.fit(made(60, 1), SETTINGS, told.append)
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    wake_check.export(fitted, first)
    again = wake_check.opened(first, SETTINGS)
    wake_check.export(again, second)
    unseen = made(30, 2)
    assert logits(second, unseen) == pytest.approx(logits(first, unseen), abs=1e-4)

    further = wake_check.fit(made(60, 3), SETTINGS, told.append, before=again)
    wake_check.export(further, second)
    after = logits(second, unseen)
    assert after != pytest.approx(logits(first, unseen), abs=1e-2)
    said = np.array([each.phrase for each in unseen])
    assert after[said].mean() > after[~said].mean() + 1.0
    assert len(told) == 40
