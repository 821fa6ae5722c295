"""A tone that glides through the voice's range, and what of it comes back. Pure.

Dividing what is heard by what was played, frequency by frequency, leaves the path between the two:
its first strong moment is the delay, its power the loss (A. Farina, Simultaneous measurement of
impulse response and distortion with a swept-sine technique, 2000).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
LOW_HZ, HIGH_HZ = 150.0, 7000.0
"""What the recogniser hears of a voice; small loudspeakers give nothing lower."""
SECONDS = 1.0
FADE_S = 0.03
"""Longer at the low end, where the tone is slow; without it the glide clicks."""
FLOOR = 1e-3
"""Of the strongest frequency's power: outside the range there is nothing to divide by."""
BEFORE_S, AFTER_S = 0.002, 0.06
"""Of the path around its peak: the direct sound and a near wall; later is the hall."""
LOWEST_DBFS = -100.0
"""Of the noise: sixteen bits have no less."""
SURE_DB = 20.0
"""Peak over the rest of the path. Noise alone reaches some 13 dB in ten thousands of samples."""

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Path:
    """From the loudspeaker's samples to the microphone's."""

    delay_s: float
    """From the recording's first sample to the sweep's first."""
    loss_db: float
    """Of the sweep's power; below nought: louder than it was played."""
    snr_db: float
    """Of the sweep as heard over the hall before it."""
    clear_db: float
    """Peak of the path over what is outside it."""

    @property
    def heard(self) -> bool:
        """Whether the sweep came back at all."""
        return self.clear_db >= SURE_DB


def sweep(amplitude: float) -> Samples:
    """The glide, at `RATE_HZ`, -1..1."""
    at = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    slowness = SECONDS / math.log(HIGH_HZ / LOW_HZ)
    wave = np.sin(2 * np.pi * LOW_HZ * slowness * (np.exp(at / slowness) - 1))
    edge = np.clip(np.minimum(at, at[-1] - at) / FADE_S, 0, 1)
    glide: Samples = amplitude * np.sin(np.pi / 2 * edge) ** 2 * wave
    return glide


def path(played: Samples, heard: Samples, quiet_s: float) -> Path:
    """heard: longer than `played`, of the same rate; its first `quiet_s` without the sweep."""
    response = _divided(heard, played)[: len(heard)]
    own = _divided(played, played)
    peak = int(np.argmax(np.abs(response)))
    near = slice(max(0, peak - round(BEFORE_S * RATE_HZ)), peak + round(AFTER_S * RATE_HZ))
    outside = np.concatenate([response[: near.start], response[near.stop :]])
    rest = float(np.mean(outside * outside))
    # The noise that falls into the path's window is no part of the path.
    power = float(np.sum(response[near] ** 2)) - rest * len(response[near])
    loss_db = -_db(max(power, 0.0) / float(np.sum(own * own)))
    before = heard[: round(quiet_s * RATE_HZ)]
    signal_db = _db(float(np.mean(played * played))) - loss_db
    return Path(
        delay_s=peak / RATE_HZ,
        loss_db=loss_db,
        snr_db=signal_db - max(LOWEST_DBFS, _db(float(np.mean((before - before.mean()) ** 2)))),
        clear_db=_db(float(response[peak] ** 2) / rest) if rest else (300.0 if power else 0.0),
    )


def _divided(heard: Samples, played: Samples) -> Samples:
    size = len(heard) + len(played)
    above, below = np.fft.rfft(heard, size), np.fft.rfft(played, size)
    power = np.abs(below) ** 2
    quotient = above * np.conj(below) / (power + FLOOR * power.max())
    response: Samples = np.fft.irfft(quotient, size)
    return response


def _db(power: float) -> float:
    return 10 * math.log10(max(power, 1e-30))
