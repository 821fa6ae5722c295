"""A question that may go on: kept for a moment behind its endpoint, in case it was only a pause."""

from __future__ import annotations

from dataclasses import dataclass

from models.base import Samples
from terminal.endpoint import FRAME_S
from terminal.passes import Pass, is_settled

REJOIN_S = 1.2
"""So long behind the endpoint what begins still belongs to the question."""
LONGEST_S = 20.0
"""Of both halves."""


@dataclass(slots=True)
class Half:
    """The sound of a question that was taken for whole."""

    audio: list[Samples]
    work: Pass
    """Its recognition, done or not."""
    called: bool
    """It begins with the kiosk's phrase."""
    age_s: float = 0.0
    """Since the endpoint."""

    def grow_old(self) -> None:
        """A frame has passed."""
        self.age_s += FRAME_S

    def takes(self, begun_s: float, *, open_question: bool) -> bool:
        """Whether what began `begun_s` seconds ago is its other half.

        open_question: it could not be answered, whatever it was.
        """
        if self.age_s - begun_s > REJOIN_S or len(self.audio) * FRAME_S + begun_s > LONGEST_S:
            return False
        return open_question or not is_settled(self.work)

    def wipe(self) -> None:
        """Forget the sound."""
        for samples in self.audio:
            samples.fill(0.0)
        self.audio.clear()
