"""What happened, step by step: an event and the commands it led to, as plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from terminal.events import Command, Event


class Trace:
    """Collects steps; two replays of one recording give the same lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, now: float, event: Event, commands: list[Command]) -> None:
        """Note one step at `now`, seconds."""
        self.lines += step_lines(now, event, commands)


def step_lines(now: float, event: Event, commands: list[Command]) -> Iterator[str]:
    """One step at `now`, seconds. Words are left out by the events' own repr."""
    yield f"{now:9.3f}  {event}"
    for command in commands:
        yield f"{'':9}    -> {command}"


def print_step(now: float, event: Event, commands: list[Command]) -> None:
    """Print one step at once."""
    print(*step_lines(now, event, commands), sep="\n", flush=True)
