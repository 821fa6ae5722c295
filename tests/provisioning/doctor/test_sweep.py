"""Paths that are known, found again."""

from __future__ import annotations

import numpy as np
import pytest

from provisioning.doctor import sweep
from provisioning.doctor.sweep import RATE_HZ, Samples

QUIET_S = 0.5
PLAYED = sweep.sweep(0.1)


def heard(delay_s: float, gain: float, noise: float = 0.001, wall: float = 0.0) -> Samples:
    """The sweep begins `delay_s` after the quiet time; `wall`: an echo 20 ms behind it."""
    random = np.random.default_rng(7)
    sound = random.normal(0, noise, round((QUIET_S + 2.0) * RATE_HZ))
    for later, loud in ((0.0, gain), (0.02, gain * wall)):
        begins = round((QUIET_S + delay_s + later) * RATE_HZ)
        sound[begins : begins + len(PLAYED)] += loud * PLAYED
    return sound


@pytest.mark.parametrize("delay_s", [0.0, 0.0421875, 0.35, 0.7])
@pytest.mark.parametrize("loss_db", [-6.0, 12.0, 35.0])
def test_delay_and_loss_are_found(delay_s: float, loss_db: float) -> None:
    found = sweep.path(PLAYED, heard(delay_s, 10 ** (-loss_db / 20)), QUIET_S)
    assert found.heard
    assert found.delay_s - QUIET_S == pytest.approx(delay_s, abs=0.0002)
    assert found.loss_db == pytest.approx(loss_db, abs=0.7)
    played_dbfs = 10 * np.log10(np.mean(PLAYED**2))
    assert found.snr_db == pytest.approx(played_dbfs - loss_db + 60, abs=1)


def test_a_sound_below_the_halls_noise_is_found() -> None:
    found = sweep.path(PLAYED, heard(0.1, 0.1, noise=0.02), QUIET_S)
    assert found.snr_db < -6
    assert found.heard
    assert found.delay_s - QUIET_S == pytest.approx(0.1, abs=0.0002)


def test_a_near_wall_does_not_move_the_delay() -> None:
    found = sweep.path(PLAYED, heard(0.1, 0.3, wall=0.7), QUIET_S)
    assert found.delay_s - QUIET_S == pytest.approx(0.1, abs=0.0002)
    assert found.loss_db < 10.5


@pytest.mark.parametrize("seed", range(8))
def test_noise_and_speech_like_sound_are_not_the_sweep(seed: int) -> None:
    random = np.random.default_rng(seed)
    sound = random.normal(0, 0.05, round(2.5 * RATE_HZ))
    at = np.arange(len(sound)) / RATE_HZ
    syllables = (np.sin(2 * np.pi * 4 * at) > 0) * np.sin(2 * np.pi * (180 + seed) * at)
    assert not sweep.path(PLAYED, sound, QUIET_S).heard
    assert not sweep.path(PLAYED, 0.1 * sound + 0.2 * syllables, QUIET_S).heard
    assert not sweep.path(PLAYED, np.zeros(len(sound)), QUIET_S).heard


def test_the_sweep_is_as_soft_as_asked_and_does_not_click() -> None:
    glide = sweep.sweep(0.05)
    assert np.abs(glide).max() == pytest.approx(0.05, rel=0.01)
    assert abs(glide[0]) < 1e-9
    assert abs(glide[-1]) < 1e-9
