"""The same clips clean, over noise and over babble; each clip alike at every run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.base import Samples
from models.evaluation import noise

CLEAN = "clean"
RATIOS_DB = (10, 5)
SEED = 2026


class Conditions:
    """`names` are the conditions that the clips and noises at hand allow."""

    def __init__(self, clips: Sequence[Samples], noises: Sequence[Samples] = ()) -> None:
        self._clips = clips
        self._noises = noises
        kinds = [*(["noise"] if noises else []), *(["babble"] if len(clips) > 1 else [])]
        self.names = [CLEAN, *(f"{kind} {each} dB" for kind in kinds for each in RATIOS_DB)]

    def sound(self, name: str, number: int) -> Samples:
        """Clip `number` under condition `name`, float32 16 kHz."""
        clip = self._clips[number]
        if name == CLEAN:
            return clip
        kind, ratio_db, _ = name.split(" ")
        # Seeded without the ratio: 10 and 5 dB of one clip differ in nothing but loudness.
        random = np.random.default_rng([SEED, number, len(kind)])
        if kind == "noise":
            under = noise.stretch(self._noises, len(clip), random)
        else:
            others = [*self._clips[:number], *self._clips[number + 1 :]]
            under = noise.babble(others, len(clip), random)
        return noise.mixed(clip, under, float(ratio_db))
