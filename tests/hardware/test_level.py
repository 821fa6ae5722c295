"""The meter: loudness, clipping, and streams with no microphone behind them."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.level import CLIPPING_S, DEAD_S, QUIETEST_DBFS, Meter

RATE = 48_000
BLOCK = 1536


def pushed(pcm: np.ndarray, meter: Meter | None = None) -> Meter:
    """All of it, in blocks as a device gives them."""
    meter = meter or Meter()
    for start in range(0, len(pcm), BLOCK):
        meter.push(pcm[start : start + BLOCK, None].astype(np.int16), RATE)
    return meter


def tone(seconds: float, peak: int) -> np.ndarray:
    return np.asarray(peak * np.sin(np.arange(int(seconds * RATE)) * 0.05))


def test_the_level_is_that_of_the_last_moment() -> None:
    meter = pushed(tone(1, 16_384))
    assert meter.dbfs == pytest.approx(-9.03, abs=0.1)
    assert pushed(tone(1, 164), meter).dbfs == pytest.approx(-49, abs=0.2)
    assert Meter().dbfs == QUIETEST_DBFS


def test_speech_that_is_too_loud_clips_and_a_blow_does_not() -> None:
    loud = np.clip(tone(CLIPPING_S, 45_000), -32768, 32767)
    assert pushed(loud).clips
    blow = tone(CLIPPING_S, 3_000)
    blow[10_000:10_100] = 32_767
    assert not pushed(blow).clips
    assert not pushed(tone(2 * CLIPPING_S, 3_000), pushed(loud)).clips


def test_exact_zeros_are_a_dead_stream_and_the_faintest_noise_is_none() -> None:
    noise = np.random.default_rng(1).integers(-1, 2, RATE * 5)
    assert not pushed(noise).is_dead
    meter = pushed(np.zeros(int((DEAD_S + 0.1) * RATE)))
    assert meter.is_dead
    assert not pushed(noise, meter).is_dead
