"""What happened, step by step: an event and the commands it led to, as plain lines."""

from __future__ import annotations

from terminal.events import Command, Event


class Trace:
    """Collects steps; two replays of one recording give the same lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, now: float, event: Event, commands: list[Command]) -> None:
        """Note one step at `now`, seconds. Words are left out by the events' own repr."""
        self.lines.append(f"{now:9.3f}  {event}")
        self.lines += [f"{'':9}    -> {command}" for command in commands]
