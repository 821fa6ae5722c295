"""Every detector of speech keeps one contract."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from models.base import EAR_RATE_HZ, FRAME_SAMPLES, Samples, Vad, Voice
from models.engines import VADS

pytestmark = pytest.mark.models


@pytest.fixture(scope="session", params=VADS)
def any_vad(request: pytest.FixtureRequest) -> Vad:
    loaded: Vad = request.getfixturevalue({"silero-vad": "vad"}[request.param])
    return loaded


@pytest.fixture(scope="module")
def speech(kokoro: Voice) -> Samples:
    spoken = kokoro.say("请问社保卡丢了怎么补办")
    resampled: Samples = soxr.resample(spoken, kokoro.sample_rate_hz, EAR_RATE_HZ)
    return resampled.astype(np.float32)


@pytest.fixture(autouse=True)
def _forget(any_vad: Vad) -> None:
    any_vad.reset()


def probabilities(vad: Vad, audio: Samples) -> list[float]:
    whole = len(audio) // FRAME_SAMPLES * FRAME_SAMPLES
    return [vad.probability(frame) for frame in audio[:whole].reshape(-1, FRAME_SAMPLES)]


def noise(seconds: float, level: float) -> Samples:
    samples = int(EAR_RATE_HZ * seconds)
    return np.random.default_rng(0).normal(0, level, samples).astype(np.float32)


def test_speech_is_likely(any_vad: Vad, speech: Samples) -> None:
    found = probabilities(any_vad, speech)
    assert np.mean([p > 0.5 for p in found]) > 0.8
    assert all(0 <= p <= 1 for p in found)


@pytest.mark.parametrize("level", [0.0, 0.001, 0.02, 0.2])
def test_silence_and_noise_are_not(any_vad: Vad, level: float) -> None:
    assert max(probabilities(any_vad, noise(3, level))) < 0.5


def test_speech_is_found_in_noise(any_vad: Vad, speech: Samples) -> None:
    """About 10 dB."""
    level = float(np.sqrt(np.mean(speech**2))) / 3
    noisy = speech + noise(len(speech) / EAR_RATE_HZ, level)[: len(speech)]
    assert np.mean([p > 0.5 for p in probabilities(any_vad, noisy)]) > 0.6


def test_it_sees_where_speech_ends(any_vad: Vad, speech: Samples) -> None:
    second = np.zeros(EAR_RATE_HZ, np.float32)
    found = probabilities(any_vad, np.concatenate([second, speech, second]))
    assert max(found[:28]) < 0.5
    assert max(found[-20:]) < 0.5
    assert max(found) > 0.9


def test_after_a_reset_it_starts_afresh(any_vad: Vad, speech: Samples) -> None:
    first = probabilities(any_vad, speech)
    assert probabilities(any_vad, speech) != first
    any_vad.reset()
    assert probabilities(any_vad, speech) == first
