"""What the ear's training takes: one utterance, as sound and as tokens. Needs no PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance as one pass of the kiosk hears it."""

    mel: NDArray[np.float32]
    """[bands, frames]."""
    tokens: Sequence[int]
    """Prompt, start, text and end."""
    learned: Sequence[int]
    """Places in `tokens` that are to be foretold from what stands before them."""
