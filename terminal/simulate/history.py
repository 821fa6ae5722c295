"""What kiosks saw happen to each event: the only witness that the judge hears on their side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from fleet.records import Record, TicketRecord, UnansweredRecord

Step = Literal["made", "kept", "dropped", "safe", "refused"]
"""made: about to be put into the outbox, so without an id. kept: it is there. dropped: it did not
get in, or had to make room, and the kiosk knows. safe: the hub's signed word came that it is
committed. refused: its word that it never will be."""


class EventId(NamedTuple):
    """Unique for ever."""

    device: str
    boot: int
    seq: int


class Entry(NamedTuple):
    """One line."""

    step: Step
    event: EventId
    """Of what is only being made: the device, and zeros."""
    mark: str = ""
    """Where the event has an effect of its own, what tells that one; with `made` and `kept`."""


def mark_of(record: Record, device: str, at: float) -> str:
    """What the hub's effect of `record` can be known by; empty where it has none."""
    match record:
        case TicketRecord(ticket=ticket):
            return f"ticket/{ticket}"
        case UnansweredRecord():
            return unanswered_mark(device, at)
        case _:
            return ""


def unanswered_mark(device: str, at: float) -> str:
    """The hub's row has no other id."""
    return f"unanswered/{device}/{at:.3f}"


def line(entry: Entry) -> str:
    """One line of a history file."""
    device, boot, seq = entry.event
    return f"{entry.step}\t{device}\t{boot}\t{seq}\t{entry.mark}\n"


def read(files: Iterable[Path]) -> Iterator[Entry]:
    """All entries of all files; a last line that a kill cut short is left out."""
    for file in files:
        for text in file.read_text("utf-8").splitlines(keepends=True):
            if text.endswith("\n"):
                step, device, boot, seq, mark = text.removesuffix("\n").split("\t")
                event = EventId(device, int(boot), int(seq))
                yield Entry(step, event, mark)  # type: ignore[arg-type]
