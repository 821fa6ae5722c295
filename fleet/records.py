"""What a kiosk reports: one model for each kind of event. Codes and numbers, hardly any text.

Nothing here can hold what a citizen said, but for `Unanswered.text` and `TicketRecord.story`: both
are redacted, and leave the kiosk only where its site allows it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fleet.fields import Body, Line, Name, Whole
from fleet.topics import EventKind

Outcome = Literal["answered", "clarify", "command", "handoff", "refused", "unknown", "empty"]
Band = Literal["high", "middle", "low"]
"""Of confidence: from 0.8, from 0.5, below."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
VisitId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""Random; means nothing outside its visit."""
Text = Annotated[str, StringConstraints(max_length=200)]
"""Of a citizen, redacted."""


class Turn(Body):
    """One question of a visit, and what came of it."""

    outcome: Outcome
    answer_id: Name | None = None
    aspect: Name | None = None
    confidence: Band
    language: Language = "zh"
    waited_ms: Whole | None = None
    """From the end of speech to the first sound; None where nothing was spoken to the kiosk."""


class SessionRecord(Body):
    """A visit, told when it is over."""

    kind: Literal["session"] = "session"
    visit: VisitId
    minute: Whole
    """It began in this minute since 1970, UTC."""
    lasted_s: Whole
    turns: Annotated[tuple[Turn, ...], Field(max_length=60)] = ()
    elder: bool = False
    ended: Literal["left", "quiet", "goodbye", "handoff", "touch"] = "quiet"
    interruptions: Whole = 0
    pack: Name


class UnansweredRecord(Body):
    """A question that the pack had no answer for, or that the kiosk had to give up."""

    kind: Literal["unanswered"] = "unanswered"
    visit: VisitId
    outcome: Outcome
    nearest: Annotated[tuple[Name, ...], Field(max_length=5)] = ()
    """Ids of the answers that were nearest."""
    text: Text | None = None
    meaning: Annotated[str, StringConstraints(max_length=800)] | None = None
    """Where `text` is: its direction, so that equal questions can be put together. Base64 of int8
    of any length."""
    language: Language = "zh"
    pack: Name


class RatingRecord(Body):
    """What a citizen thought of it: 5 is 非常满意, 1 is 非常不满意."""

    kind: Literal["rating"] = "rating"
    visit: VisitId
    stars: Annotated[int, Field(ge=1, le=5)]


class QualityRecord(Body):
    """Something that went less well than it should."""

    kind: Literal["quality"] = "quality"
    visit: VisitId | None = None
    flag: Name
    """repeated, interrupted, slow, failed, given_up …"""
    detail: Line = ""


class AuditRecord(Body):
    """What was done to the kiosk, and on whose word."""

    kind: Literal["audit"] = "audit"
    action: Name
    by: Name = "kiosk"
    """hub, staff, kiosk."""
    ok: bool = True
    detail: Line = ""


class LogRecord(Body):
    """Lines of the log, on request."""

    kind: Literal["log"] = "log"
    command: Name | None = None
    lines: Annotated[tuple[Line, ...], Field(max_length=500)]


class TicketRecord(Body):
    """Staff are called, or somebody complains."""

    kind: Literal["ticket"] = "ticket"
    ticket: VisitId
    """Its own id, random; repeated reports of one ticket are one."""
    visit: VisitId
    sort: Literal["handoff", "complaint", "safety"] = "handoff"
    reason: Name
    """An answer id."""
    story: Annotated[tuple[Text, ...], Field(max_length=12)] = ()


Record = Annotated[
    SessionRecord
    | UnansweredRecord
    | RatingRecord
    | QualityRecord
    | AuditRecord
    | LogRecord
    | TicketRecord,
    Field(discriminator="kind"),
]

MODELS: dict[EventKind, type[Body]] = {
    "session": SessionRecord,
    "unanswered": UnansweredRecord,
    "rating": RatingRecord,
    "quality": QualityRecord,
    "audit": AuditRecord,
    "log": LogRecord,
    "ticket": TicketRecord,
}
