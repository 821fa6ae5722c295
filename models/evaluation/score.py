"""What one recogniser did under one condition."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.evaluation.character_errors import CharacterErrors, character_errors


@dataclass(slots=True)
class Score:
    """Adds up over clips."""

    errors: CharacterErrors = field(default_factory=CharacterErrors)
    seconds: float = 0.0
    clips: int = 0
    right: int = 0
    """Answers, where the clip is a question to a pack."""

    def add(self, truth: str, heard: str, seconds: float, *, right: bool = False) -> None:
        """Count one clip."""
        self.errors += character_errors(truth, heard)
        self.seconds += seconds
        self.clips += 1
        self.right += right

    @property
    def mean_s(self) -> float:
        """Seconds a clip."""
        return self.seconds / self.clips if self.clips else 0.0
