from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from models.base import Samples
from models.mel import LogMel

RATE_HZ = 16_000


def noise(seconds: float) -> Samples:
    return np.random.default_rng(0).normal(0, 0.1, int(RATE_HZ * seconds)).astype(np.float32)


def tone(seconds: float) -> Samples:
    at = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    return np.sin(2 * np.pi * (200 + 300 * at) * at).astype(np.float32)


SOUNDS = {
    "noise": noise(8),
    "tone": tone(3),
    "faint": noise(2) * 1e-4,
    "silence": np.zeros(RATE_HZ, np.float32),
    "burst": np.concatenate([np.zeros(RATE_HZ, np.float32), noise(0.2), np.zeros(999, np.float32)]),
    "not a whole number of hops": noise(1.23456),
}


@pytest.mark.parametrize("bands", [80, 128])
@pytest.mark.parametrize("name", SOUNDS)
def test_is_whispers_own_spectrogram(name: str, bands: int) -> None:
    mine = LogMel(bands)(SOUNDS[name])
    reference = FeatureExtractor(bands)(SOUNDS[name], padding=0)
    assert mine.dtype == np.float32
    assert mine.shape == (bands, len(SOUNDS[name]) // 160)
    assert np.abs(mine - reference[:, : mine.shape[1]]).max() < 1e-6
