"""What a visit leaves behind for the hall: codes, counts and bands. Pure.

Watches the runner's steps. Nothing of what a citizen said is in a record, unless the site has set
`[hub] text = "redacted"`: then questions that found no answer, and the story on a ticket, go along
without personal numbers; where any number could be left over, they do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from fleet import records
from fleet.records import (
    Band,
    QualityRecord,
    RatingRecord,
    Record,
    SessionRecord,
    TicketRecord,
    UnansweredRecord,
)
from terminal import events as ev
from terminal.dialogue import phrases
from terminal.dialogue.redaction import holds_number, redact
from terminal.events import Command, Event, Reply, State

HIGH, MIDDLE = 0.8, 0.5
SLOW_MS = 2000
MAX_TURNS, MAX_QUESTIONS, MAX_FLAGS = 60, 20, 20
TEXT_CHARACTERS, STORY_TURNS = 200, 12
Ended = Literal["left", "quiet", "goodbye", "handoff", "touch"]

_CODE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
"""As ids of a pack's items, and names of aspects, are; no number, and no word of Chinese."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Filed:
    """A record and the time that it bears, seconds since 1970."""

    record: Record
    at: float


@dataclass(slots=True)
class _Visit:
    id: str
    minute: int
    began_s: float
    pack: str
    turns: list[records.Turn] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    """The session's number of a turn -> its place in `turns`."""
    questions: list[UnansweredRecord] = field(default_factory=list)
    flags: list[QualityRecord] = field(default_factory=list)
    rating: RatingRecord | None = None
    elder: bool = False
    interruptions: int = 0
    broken_in_on: bool = False
    """An answer may be over, or go on."""
    waits_for_staff: bool = False

    def flag(self, flag: str, detail: str = "") -> None:
        if len(self.flags) < MAX_FLAGS:
            self.flags.append(QualityRecord(visit=self.id, flag=flag, detail=detail))


class Reporter:
    """Of one kiosk. Belongs to the runner's loop."""

    def __init__(self, pack: str, new_id: Callable[[], str], *, text: bool = False) -> None:
        """`pack`: its label. `new_id`: 16 random hex digits. `text`: the site lets text go."""
        self.pack = pack
        self._new_id = new_id
        self._text = text
        self._visit: _Visit | None = None

    def step(
        self, now_s: float, clock_s: float, event: Event, commands: list[Command]
    ) -> list[Filed]:
        """One step of the runner -> what is to be reported now."""
        if not commands:
            return []  # Stale: the session took no notice.
        filed: list[Filed] = []
        if any(isinstance(each, ev.Wipe) for each in commands):
            filed += self._end(now_s, _how_ended(event))
        if self._visit is None and _begins(commands):
            self._visit = _Visit(self._new_id(), int(max(0, clock_s) // 60), now_s, self.pack)
        if self._visit is not None:
            self._note(self._visit, event, commands)
            filed += self._tickets(self._visit, clock_s, commands)
        return filed

    def waited(self, turn: int, ms: float) -> None:
        """Between the end of the question and the first sound of the answer."""
        visit = self._visit
        if visit is None or turn not in visit.numbers:
            return
        place = visit.numbers[turn]
        visit.turns[place] = visit.turns[place].model_copy(update={"waited_ms": round(ms)})
        if ms > SLOW_MS:
            visit.flag("slow")

    def _note(self, visit: _Visit, event: Event, commands: list[Command]) -> None:
        match event:
            case ev.Understood(turn=turn, reply=reply) if not _resumed(commands):
                self._answered(visit, turn, reply)
            case ev.Interrupted():
                visit.broken_in_on = True
            case ev.Rated(stars=stars) if 1 <= stars <= 5:
                visit.rating = RatingRecord(visit=visit.id, stars=stars)
            case ev.Failed(stage=stage):
                visit.flag("failed", stage)
            case _:
                pass
        if visit.broken_in_on and ev.Hush() in commands:
            visit.broken_in_on = False
            visit.interruptions += 1
            visit.flag("interrupted")
        if _resumed(commands):
            visit.broken_in_on = False
        visit.elder |= any(isinstance(each, ev.ShowMode) and each.elder for each in commands)

    def _answered(self, visit: _Visit, turn: int, reply: Reply) -> None:
        if len(visit.turns) < MAX_TURNS:
            visit.numbers[turn] = len(visit.turns)
            visit.turns.append(
                records.Turn(
                    outcome=reply.outcome,
                    answer_id=_code(reply.answer_id),
                    aspect=_code(reply.aspect),
                    confidence=band(reply.confidence),
                    language=_language(reply.language),
                )
            )
        if reply.answer_id == "control.repeat":
            visit.flag("repeated")
        given_up = reply.outcome == "handoff" and reply.spoken in phrases.TWICE.values()
        if given_up:
            visit.flag("given_up")
        if (reply.outcome == "unknown" or given_up) and len(visit.questions) < MAX_QUESTIONS:
            visit.questions.append(self._unanswered(visit, reply))
        visit.waits_for_staff = reply.outcome == "handoff"

    def _unanswered(self, visit: _Visit, reply: Reply) -> UnansweredRecord:
        nearest = [code for each in reply.options if (code := _code(each.id))]
        return UnansweredRecord(
            visit=visit.id,
            outcome=reply.outcome,
            nearest=tuple(nearest[:5]),
            text=sayable(reply.heard) if self._text else None,
            language=_language(reply.language),
            pack=visit.pack,
        )

    def _tickets(self, visit: _Visit, clock_s: float, commands: list[Command]) -> Iterator[Filed]:
        for command in commands:
            if isinstance(command, ev.CallStaff):
                story = command.ticket.story[-STORY_TURNS:] if self._text else ()
                record = TicketRecord(
                    ticket=self._new_id(),
                    visit=visit.id,
                    sort=_sort(command.ticket.reason),
                    reason=_code(command.ticket.reason) or "other",
                    story=tuple(line for each in story if (line := sayable(each))),
                )
                yield Filed(record, clock_s)

    def _end(self, now_s: float, ended: Ended) -> Iterator[Filed]:
        """The visit is wiped here too."""
        visit, self._visit = self._visit, None
        if visit is None:
            return
        session = SessionRecord(
            visit=visit.id,
            minute=visit.minute,
            lasted_s=max(0, round(now_s - visit.began_s)),
            turns=tuple(visit.turns),
            elder=visit.elder,
            ended="handoff" if visit.waits_for_staff and ended != "goodbye" else ended,
            interruptions=visit.interruptions,
            pack=visit.pack,
        )
        rating = [visit.rating] if visit.rating else []
        told: list[Record] = [session, *visit.questions, *rating, *visit.flags]
        # All bear the minute only, so that they tell no more than the session does.
        yield from (Filed(record, visit.minute * 60.0) for record in told)


def band(confidence: float) -> Band:
    """Of confidence."""
    return "high" if confidence >= HIGH else "middle" if confidence >= MIDDLE else "low"


def sayable(text: str) -> str | None:
    """Text that may leave the kiosk; None where a personal number might be left over."""
    masked = redact(text)[:TEXT_CHARACTERS]
    return None if not masked.strip() or holds_number(masked) else masked


def _begins(commands: list[Command]) -> bool:
    """Somebody is there: the session left its rest."""
    resting = (State.IDLE, State.OUT_OF_SERVICE)
    return any(isinstance(each, ev.ShowState) and each.state not in resting for each in commands)


def _resumed(commands: list[Command]) -> bool:
    return any(isinstance(each, ev.Resume) for each in commands)


def _how_ended(event: Event) -> Ended:
    match event:
        case ev.PlaybackFinished():
            return "goodbye"
        case ev.TimerFired(name="left") | ev.PersonArrived():
            return "left"
        case ev.TimerFired():
            return "quiet"
        case _:
            return "touch"


def _sort(reason: str) -> Literal["handoff", "complaint", "safety"]:
    if reason.endswith(("emergency", "fraud.alert")):
        return "safety"
    return "complaint" if reason.endswith("complaint") else "handoff"


def _code(value: str | None) -> str | None:
    """Ids of the pack and nothing else: whatever is no code does not leave."""
    return value if value is not None and len(value) <= 100 and _CODE.fullmatch(value) else None


def _language(value: str) -> str:
    return value if _LANGUAGE.fullmatch(value) else "zh"
