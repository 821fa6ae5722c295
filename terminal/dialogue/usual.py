"""What is usual in a pack: how alike its own phrases are, within an item and across items.

In a pack of rich items a question of 0.7 is far off; in one of a few bare titles it is as near as
any. Each of some phrases is asked as if it were not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

SAMPLE = 160
"""Phrases that are asked; of 3,000 phrases, 0.2 seconds."""
TRUST = 12
"""Phrases asked from which a pack's own figures count as much as those of packs in general."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Means of likeness; a pack too small to tell is taken to be as packs in general are.

    The defaults are the means over both sample packs and four question bases.
    """

    own: float = 0.45
    """Of a phrase to its own item, when the phrase is not known."""
    strange: float = 0.38
    """Of a phrase to the likeliest other item."""
    lead: float = 0.10
    """Between the two, whichever is first."""
    spread: float = 0.10
    """Deviation of `own` from phrase to phrase."""


GENERAL = Usual()


def usual(pairs: Iterable[tuple[float, float]]) -> Usual:
    """From each asked phrase's likeness to its own item and to the likeliest other."""
    table = np.array([*pairs], np.float64).reshape(-1, 2)
    own, strange = table.T
    count = len(table)
    if not count:
        return GENERAL

    def held(mean: float, general: float) -> float:
        return float((count * mean + TRUST * general) / (count + TRUST))

    return Usual(
        held(own.mean(), GENERAL.own),
        held(strange.mean(), GENERAL.strange),
        held(np.abs(own - strange).mean(), GENERAL.lead),
        held(own.std(), GENERAL.spread),
    )
