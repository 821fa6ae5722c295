"""One example for a wake word's head."""

from __future__ import annotations

from dataclasses import dataclass

from models.base import Samples


@dataclass(frozen=True, slots=True)
class Scene:
    """What the embedding makes of some seconds of sound."""

    vectors: Samples
    """[steps, 96], at least 24 of them before the first that counts."""
    phrase: tuple[int, int] | None
    """First and last step at which the phrase may be noticed; None where it is not said."""
    weight: float = 1.0
