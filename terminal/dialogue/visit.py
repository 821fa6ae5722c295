"""What one visit knows: the topic, what was offered or asked, and what came of the turns."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.schema import Aspect, Slot
from terminal.dialogue.redaction import Redactor
from terminal.events import Reply, Ticket

CONTEXT_S = 90.0
"""After so long a silence 那得等几天 means nothing any more."""
STORY = 6
"""Turns on a ticket: what staff can read while they walk over."""


@dataclass(slots=True)
class Visit:
    """One citizen's conversation so far. Nothing of it outlives the visit."""

    topic: str | None = None
    aspect: Aspect | None = None
    question: str = ""
    """The last question about the topic, as it was understood."""
    offered: tuple[str, ...] = ()
    """Items of the question that the kiosk asked back."""
    second: str = ""
    """The other of two questions, offered for later."""
    asked: Slot | None = None
    """The slot that the kiosk asked for."""
    asked_again: bool = False
    """Whether it asked twice: a third time would be a quarrel."""
    slots: dict[str, dict[str, str]] = field(default_factory=dict)
    """By item: slot -> value."""
    failures: int = 0
    """In a row."""
    language: str = "zh"
    at: float = 0.0
    story: list[str] = field(default_factory=list)
    redactor: Redactor = field(default_factory=Redactor)

    @property
    def awaits(self) -> bool:
        """Whether the kiosk asked something that the next words may answer."""
        return self.asked is not None or bool(self.offered or self.second)

    def forget_topic(self) -> None:
        """The context has grown old."""
        self.topic = self.aspect = self.asked = None
        self.question = self.second = ""
        self.offered = ()

    def note(self, reply: Reply) -> None:
        """Keep the turn for staff: redacted words and what came of them."""
        came = reply.title or reply.outcome
        if reply.heard:
            self.story.append(f"{reply.heard} → {came}")
        del self.story[:-STORY]

    def ticket(self, reason: str) -> Ticket:
        """What staff are told."""
        return Ticket(reason, tuple(self.story))
