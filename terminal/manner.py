"""How the kiosk speaks in this visit: as asked for, slower, louder, or as to the elderly."""

from __future__ import annotations

from dataclasses import dataclass

SLOWEST, SLOWER_BY = 0.6, 0.85
LOUDEST, LOUDER_BY = 2.5, 1.5
ELDER_SPEED, ELDER_GAIN = SLOWER_BY, LOUDER_BY
"""One step of each: the citizen can ask for more."""
ELDER_PAUSE_S = 0.25
"""Added behind each clause, three times the usual pause with it: time to take the clause in."""


@dataclass(slots=True)
class Manner:
    """Speed and volume."""

    elder: bool = False
    """Elder mode (长辈模式); asked for by phrase or button, never guessed."""
    speed: float = 1.0
    """1.0 is the voice's own."""
    gain: float = 1.0
    """Linear, 1.0 is the voice's own."""

    @property
    def pause_s(self) -> float:
        """Silence behind each clause, on top of the usual."""
        return ELDER_PAUSE_S if self.elder else 0.0

    def slow_down(self) -> None:
        """One step slower, to a limit."""
        self.speed = max(SLOWEST, self.speed * SLOWER_BY)

    def speak_up(self) -> None:
        """One step louder, to a limit."""
        self.gain = min(LOUDEST, self.gain * LOUDER_BY)

    def be_elders(self) -> None:
        """A step slower and louder; whoever asked for more keeps it."""
        self.elder = True
        self.speed = min(self.speed, ELDER_SPEED)
        self.gain = max(self.gain, ELDER_GAIN)

    def be_usual(self) -> None:
        """As at first."""
        self.elder = False
        self.speed = self.gain = 1.0
