"""Training of a wake word's head: it learns, is written, and goes on from what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.base import Samples
from models.onnx_session import open_session
from models.speech_embedding import WIDTH
from models.training.wake_scene import Scene
from models.wake import HEARD_STEPS

pytest.importorskip("torch")

from models.training import wake
from models.training.wake import Settings

SETTINGS = Settings(steps=60, batch=16, channels=8, noise=0.0, dropout=0.0)


def made(count: int, seed: int) -> list[Scene]:
    """The phrase has all numbers higher in its last steps."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        vectors = random.normal(size=(HEARD_STEPS + 12, WIDTH)).astype(np.float32)
        if number % 2:
            vectors[HEARD_STEPS : HEARD_STEPS + 6] += np.float32(1.0)
        found.append(Scene(vectors, (HEARD_STEPS + 5, HEARD_STEPS + 7) if number % 2 else None))
    return found


def scores(file: Path, scenes: list[Scene]) -> Samples:
    ends = [scene.phrase[0] if scene.phrase else HEARD_STEPS + 6 for scene in scenes]
    windows = np.stack(
        [
            scene.vectors[end - HEARD_STEPS + 1 : end + 1]
            for scene, end in zip(scenes, ends, strict=True)
        ]
    )
    found: Samples = open_session(file, threads=1).run(None, {"vectors": windows})[0]
    return found.reshape(-1)


def test_what_was_written_is_opened_and_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    wake.export(wake.fit(made(60, 1), SETTINGS, told.append), first, "你好")
    again = wake.opened(first, SETTINGS)
    wake.export(again, second, "你好")
    unseen = made(30, 2)
    assert scores(second, unseen) == pytest.approx(scores(first, unseen), abs=1e-5)

    wake.export(wake.fit(made(60, 3), SETTINGS, told.append, before=again), second, "你好")
    after = scores(second, unseen)
    assert after != pytest.approx(scores(first, unseen), abs=1e-3)
    said = np.array([scene.phrase is not None for scene in unseen])
    assert after[said].min() > after[~said].max()
