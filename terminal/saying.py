"""The answer that is being said; or that waits, silent, for what broke in on it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from terminal import events as ev
from terminal.events import Command


@dataclass(slots=True)
class Saying:
    """One at a time. Its turn is the one it was asked in, also where it goes on in a later one."""

    turn: int = 0
    open_question: bool = False
    """It is no answer."""
    waits: bool = False
    """Somebody broke in on it, and may yet have said nothing but 好的."""

    def begin(self, turn: int, *, open_question: bool) -> None:
        """It belongs to `turn`."""
        self.turn, self.open_question, self.waits = turn, open_question, False

    def pause(self, *, waits: bool = False) -> Iterator[Command]:
        """Be silent; `waits`: until it is known what was said."""
        self.waits |= waits
        yield ev.Pause(self.turn)

    def go_on(self) -> Iterator[Command]:
        """Where it was."""
        self.waits = False
        yield ev.Resume(self.turn)

    def end(self) -> Iterator[Command]:
        """Whatever it was, it never comes back."""
        self.waits = False
        yield ev.Hush()

    def let_go(self) -> Iterator[Command]:
        """The same, if it waits."""
        if self.waits:
            yield from self.end()
