"""Was anything lost, doubled or made up? Decided from two witnesses: kiosks and database.

As Jepsen does it: every kiosk writes down what it did and what it was told, the hub's database is
read when all is quiet, and a pure function compares the two. It trusts neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from terminal.simulate.history import Entry, EventId

SHOWN = 5
"""Examples of each fault."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the hub's database holds in the end. Lists, so that doubles can be seen."""

    events: Sequence[EventId]
    effects: Sequence[str]
    """Marks, as `history.mark_of`, of every ticket and every unanswered question."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a kiosk is in the end, by its own disk."""

    device: str
    pack: str
    """gov-hall@2, of which every file's hash fits; empty if none does."""
    answers: bool
    """It answered a question from it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts, and examples of each fault."""

    sent: int
    """Events that got into an outbox."""
    acknowledged: int
    """Of which the kiosk was told that they are safe."""
    stored: int
    """Distinct events in the database."""
    lost: int
    """Told safe, and not in the database."""
    missing: int
    """In an outbox, not in the database, though all kiosks had time to send them."""
    duplicated: int
    """Rows too many: of events, of tickets, of unanswered questions."""
    made_up: int
    """In the database, and of no kiosk."""
    without_effect: int
    """Stored tickets and unanswered questions without a row of their own."""
    dropped: int
    """Had no room in the outbox, as the kiosk knows."""
    refused: int
    """That the hub would not take."""
    unwell: int
    """Kiosks with another pack than they should have, or one that does not answer."""
    faults: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong."""
        return not self.faults


class _Told:
    """The kiosks' story, sorted."""

    def __init__(self, history: Iterable[Entry]) -> None:
        self.kept: dict[EventId, str] = {}
        self.safe: set[EventId] = set()
        self.dropped: set[EventId] = set()
        self.refused: set[EventId] = set()
        self.begun: Counter[tuple[str, str]] = Counter()
        """Device and mark of what was being made; also of what a kill left without an id."""
        for step, event, mark in history:
            match step:
                case "made":
                    self.begun[event.device, mark] += 1
                case "kept":
                    self.kept[event] = mark
                case "safe":
                    self.safe.add(event)
                case "dropped":
                    self.dropped.add(event)
                case "refused":
                    self.refused.add(event)
        self.unfinished = self.begun - Counter(
            (event.device, mark) for event, mark in self.kept.items()
        )


def judge(
    history: Iterable[Entry], stored: Stored, pack: str = "", ended: Collection[Ended] = ()
) -> Verdict:
    """Compare the witnesses, when nothing is on its way any more.

    `pack`: what every kiosk of `ended` should have come to.
    """
    told = _Told(history)
    found = set(stored.events)
    lost = sorted(told.safe - found)
    missing = sorted(told.kept.keys() - found - told.refused - told.dropped - told.safe)
    twice = [event for event, rows in Counter(stored.events).items() for _ in range(rows - 1)]
    doubled, bare = _effects(told, found, stored.effects)
    made_up = _made_up(told, found)
    unwell = [each.device for each in ended if each.pack != pack or not each.answers]
    faults = (
        _fault("told safe, not in the database", lost),
        _fault("sent, not in the database", missing),
        _fault("events twice in the database", twice),
        _fault("effects twice", doubled),
        _fault("stored without its effect", bare),
        _fault("in the database, of no kiosk", made_up),
        _fault(f"kiosks that do not answer from {pack}", unwell),
    )
    return Verdict(
        sent=len(told.kept),
        acknowledged=len(told.safe),
        stored=len(found),
        lost=len(lost),
        missing=len(missing),
        duplicated=len(twice) + len(doubled),
        made_up=len(made_up),
        without_effect=len(bare),
        dropped=len(told.dropped),
        refused=len(told.refused),
        unwell=len(unwell),
        faults=tuple(each for each in faults if each),
    )


def _effects(
    told: _Told, found: set[EventId], effects: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Marks of rows too many, and of events without their row."""
    rows = Counter(effects)
    least = Counter(mark for event, mark in told.kept.items() if mark and event in found)
    most = least.copy()
    for (_, mark), count in told.unfinished.items():
        most[mark] += count  # A kill came between its going out and its being noted.
    return sorted((rows - most).elements()), sorted((least - rows).elements())


def _made_up(told: _Told, found: set[EventId]) -> list[EventId]:
    """Stored events that no kiosk noted, but for as many as its kills explain."""
    unknown: dict[str, list[EventId]] = {}
    for event in sorted(found - told.kept.keys() - told.safe):
        unknown.setdefault(event.device, []).append(event)
    excused: Counter[str] = Counter()
    for (device, _), count in told.unfinished.items():
        excused[device] += count
    return [event for device, all_of in unknown.items() for event in all_of[excused[device] :]]


def _fault(what: str, examples: Sequence[object]) -> str:
    if not examples:
        return ""
    shown = ", ".join(_short(each) for each in examples[:SHOWN])
    more = ", …" if len(examples) > SHOWN else ""
    return f"{len(examples):,} {what}: {shown}{more}"


def _short(example: object) -> str:
    return "/".join(map(str, example)) if isinstance(example, tuple) else str(example)
