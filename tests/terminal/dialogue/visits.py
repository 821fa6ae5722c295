"""Visits to a dialogue, for tests."""

from __future__ import annotations

from terminal.dialogue.dialogue import Dialogue
from terminal.events import Reply, WordsHeard


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0
        """Seconds."""

    def __call__(self) -> float:
        return self.now


def say(dialogue: Dialogue, *texts: str) -> Reply:
    """A visit of its own; the reply to the last text."""
    dialogue.wipe()
    replies = [dialogue.reply(WordsHeard(0, text)) for text in texts]
    return replies[-1]
