"""Noise laid under speech at a known ratio, the same at every run for the same seed.

The ratio is over the samples where someone speaks: pauses would make any noise look quieter
than the citizen hears it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fleet.errors import KioskError
from models.base import EAR_RATE_HZ, Samples

TALKERS = 6
"""Voices in a babble: a waiting hall, where no single one is understood."""
FRAME = 512
ACTIVE_BELOW_PEAK_DB = 30.0
"""A frame this far under the loudest is a pause."""
CEILING = 0.99
QUIET = 0.1
"""Of a noise's own level: a stretch below it is a pause, and raising it would be no test."""


def mixed(speech: Samples, noise: Samples, ratio_db: float) -> Samples:
    """`speech` over `noise` (float32 [n] at one rate), `noise` repeated or cut to fit.

    The whole is turned down where it would clip, which leaves the ratio as it is.
    """
    laid = np.resize(noise, len(speech))
    loud = level(laid)
    if loud == 0.0:
        raise KioskError("input", "a noise recording is silent; take it out of the folder")
    gain = active_level(speech) / loud / 10 ** (ratio_db / 20)
    whole = speech + gain * laid
    peak = float(np.abs(whole).max())
    whole = whole * (CEILING / peak) if peak > CEILING else whole
    return whole.astype(np.float32)


def stretch(noises: Sequence[Samples], length: int, random: np.random.Generator) -> Samples:
    """A random place of a random noise, `length` samples, going round at its end."""
    loud = [noise for noise in noises if level(noise) > 0.0]
    if not loud:
        raise KioskError("input", "no noise recording has any sound; give another --noise folder")
    noise = loud[random.integers(len(loud))]
    piece = _from_somewhere(noise, length, random)
    if level(piece) > QUIET * level(noise):
        return piece
    # A single bark in five seconds of silence: from its loudest moment on.
    loudest = int(np.abs(noise).argmax())
    return np.resize(np.roll(noise, -loudest), length)


def babble(clips: Sequence[Samples], length: int, random: np.random.Generator) -> Samples:
    """`TALKERS` of the other clips at once, equally loud, each from a random place."""
    spoken = [clip for clip in clips if level(clip) > 0.0]
    if not spoken:
        raise KioskError("input", "babble needs other clips with speech in them")
    chosen = random.choice(len(spoken), min(TALKERS, len(spoken)), replace=False)
    voices = [
        _from_somewhere(spoken[each], length, random) / active_level(spoken[each])
        for each in chosen
    ]
    total: Samples = np.sum(voices, axis=0, dtype=np.float32)
    return total


def level(audio: Samples) -> float:
    """Root mean square; 0 for no audio."""
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if len(audio) else 0.0


def active_level(audio: Samples, rate_hz: int = EAR_RATE_HZ) -> float:
    """Root mean square over the frames in which someone speaks."""
    frame = FRAME * rate_hz // EAR_RATE_HZ
    count = len(audio) // frame
    if count == 0:
        return level(audio)
    frames = audio[: count * frame].reshape(count, frame).astype(np.float64)
    power = np.mean(frames**2, axis=1)
    active = power >= power.max() / 10 ** (ACTIVE_BELOW_PEAK_DB / 10)
    return float(np.sqrt(power[active].mean()))


def _from_somewhere(audio: Samples, length: int, random: np.random.Generator) -> Samples:
    return np.resize(np.roll(audio, -int(random.integers(len(audio)))), length)
