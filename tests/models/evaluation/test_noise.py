"""Noise at a ratio over the speech, alike at every run."""

from __future__ import annotations

import numpy as np
import pytest

from fleet.errors import KioskError
from models.base import Samples
from models.evaluation import noise
from models.evaluation.conditions import Conditions


def tone(seconds: float, level: float, hertz: float = 300.0) -> Samples:
    at = np.arange(int(seconds * 16_000)) / 16_000
    wave: Samples = (level * np.sqrt(2) * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
    return wave


def hiss(seconds: float, seed: int = 1) -> Samples:
    random = np.random.default_rng(seed)
    return random.normal(0, 0.05, int(seconds * 16_000)).astype(np.float32)


@pytest.mark.parametrize("ratio_db", [10.0, 5.0, 0.0])
def test_the_ratio_is_over_the_speech_and_not_its_pauses(ratio_db: float) -> None:
    speech = np.concatenate([tone(1, 0.1), np.zeros(48_000, np.float32)])
    added = noise.mixed(speech, hiss(1), ratio_db) - speech
    assert 20 * np.log10(0.1 / noise.level(added)) == pytest.approx(ratio_db, abs=0.2)


def test_what_would_clip_is_turned_down_as_a_whole() -> None:
    loud = noise.mixed(tone(1, 0.6), hiss(1), 0.0)
    assert float(np.abs(loud).max()) <= noise.CEILING + 1e-6
    assert loud.dtype == np.float32


def test_a_short_noise_goes_round() -> None:
    assert len(noise.mixed(tone(2, 0.1), hiss(0.3), 10.0)) == 32_000
    assert len(noise.stretch([hiss(0.3)], 32_000, np.random.default_rng(0))) == 32_000


def test_babble_is_of_several_voices_equally_loud() -> None:
    clips = [tone(1, 0.02 * number, 100.0 * number) for number in range(1, 9)]
    sound = noise.babble(clips, 16_000, np.random.default_rng(0))
    assert len(sound) == 16_000
    assert noise.level(sound) == pytest.approx(np.sqrt(noise.TALKERS), rel=0.1)


def test_silence_is_refused_as_noise() -> None:
    silent = np.zeros(16_000, np.float32)
    random = np.random.default_rng(0)
    with pytest.raises(KioskError, match="silent"):
        noise.mixed(tone(1, 0.1), silent, 10.0)
    with pytest.raises(KioskError, match="any sound"):
        noise.stretch([silent], 16_000, random)
    with pytest.raises(KioskError, match="babble"):
        noise.babble([silent], 16_000, random)


def test_a_single_bark_is_heard_wherever_the_stretch_begins() -> None:
    bark = np.zeros(80_000, np.float32)
    bark[60_000:60_800] = tone(0.05, 0.5)
    for seed in range(20):
        piece = noise.stretch([bark], 16_000, np.random.default_rng(seed))
        assert np.abs(piece).max() > 0.4


def test_conditions_are_alike_at_every_run() -> None:
    clips = [hiss(1, seed) for seed in range(4)]
    one, other = (Conditions(clips, [tone(1, 0.1)]) for _ in range(2))
    assert one.names == ["clean", "noise 10 dB", "noise 5 dB", "babble 10 dB", "babble 5 dB"]
    for name in one.names:
        assert np.array_equal(one.sound(name, 2), other.sound(name, 2))
    assert not np.array_equal(one.sound("babble 5 dB", 1), one.sound("babble 5 dB", 2))


def test_without_noises_or_other_clips_there_is_only_clean() -> None:
    assert Conditions([hiss(1)]).names == ["clean"]
