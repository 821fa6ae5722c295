"""What a message of events says, before anything is known of the fleet: pure.

A message is taken whole, or event by event where some are bad, or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from fleet import codec, topics
from fleet.errors import KioskError
from fleet.messages import Batch, Event
from fleet.records import TicketRecord, UnansweredRecord
from hub.bus import Message

_HIGHEST = 2**53 - 1
_FREE_TEXT = {"text", "meaning", "story"}
"""Kept apart from the events: it has an end of its own."""
Id = tuple[int, int]
"""Boot and seq of one kiosk's event."""
Sort = Literal["malformed", "cross-device", "unknown", "revoked"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A kiosk's events."""

    device: str
    events: tuple[Event, ...]
    refused: tuple[Id, ...] = ()
    """Of events that can never be taken."""
    reason: str = ""
    """Why, of the first one."""
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that nothing can be taken from, and that nobody is told of but the operator."""

    sort: Sort
    reason: str
    device: str = ""
    """Whose topic it came on."""
    topic: str = ""
    payload: bytes = field(default=b"", repr=False)

    @property
    def hostile(self) -> bool:
        """No accident: somebody tries something."""
        return self.sort != "malformed"


def read(message: Message) -> Reading | Rejection:
    """One message from a topic of events."""
    source = topics.from_device(message.topic)
    if source is None or source.kind is None:
        return _rejected(message, "no topic of a kiosk's events")
    try:
        batch = codec.decode(Batch, message.payload)
    except KioskError as error:
        return _piecemeal(message, source.device, source.kind, error.message)
    if batch.device != source.device:
        return _rejected(
            message, f"says that it is from {batch.device}", source.device, "cross-device"
        )
    strange = tuple(each for each in batch.events if each.body.kind != source.kind)
    if strange:
        good = tuple(each for each in batch.events if each.body.kind == source.kind)
        reason = f"{strange[0].body.kind} on the topic of {source.kind}"
        refused = tuple((each.boot, each.seq) for each in strange)
        return Reading(source.device, good, refused, reason, batch.dropped)
    return Reading(source.device, batch.events, dropped=batch.dropped)


def body_of(event: Event) -> str:
    """As it is stored: JSON, without free text."""
    if isinstance(event.body, TicketRecord | UnansweredRecord):
        return event.body.model_dump_json(exclude_none=True, exclude=_FREE_TEXT)
    return event.body.model_dump_json(exclude_none=True)


def ranges(ids: Iterable[Id]) -> dict[str, tuple[Id, ...]]:
    """Boot -> ranges of seq, both ends included."""
    found: dict[str, list[list[int]]] = {}
    for boot, seq in sorted(set(ids)):
        of_boot = found.setdefault(str(boot), [])
        if of_boot and of_boot[-1][1] == seq - 1:
            of_boot[-1][1] = seq
        else:
            of_boot.append([seq, seq])
    return {boot: tuple((low, high) for low, high in each) for boot, each in found.items()}


def _piecemeal(message: Message, device: str, kind: str, reason: str) -> Reading | Rejection:
    """What is good in a batch that is not; what has no readable id nobody can be told of."""
    told = _loosely(message.payload)
    rows = told.get("events")
    if not isinstance(rows, list) or not rows:
        return _rejected(message, reason, device)
    if told.get("device") != device:
        return _rejected(message, "says that it is from another", device, "cross-device")
    good, refused = [], []
    for row in rows:
        event = _event(row)
        if event is not None and event.body.kind == kind:
            good.append(event)
        elif (found := _id(row)) is not None:
            refused.append(found)
    if not good and not refused:
        return _rejected(message, reason, device)
    # An id that is used twice in one message is refused only if it is good nowhere.
    taken = {(each.boot, each.seq) for each in good}
    left = tuple(each for each in refused if each not in taken)
    return Reading(device, tuple(good), left, reason, _whole(told.get("dropped"), 0) or 0)


def _loosely(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(codec.unpacked(payload))
    except (KioskError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _event(row: object) -> Event | None:
    # As JSON again, since a model read from objects is laxer than one read from text.
    try:
        return Event.model_validate_json(json.dumps(row))
    except (ValidationError, ValueError, RecursionError):
        return None


def _id(row: object) -> Id | None:
    if not isinstance(row, dict):
        return None
    boot, seq = _whole(row.get("boot"), 1), _whole(row.get("seq"), 1)
    return None if boot is None or seq is None else (boot, seq)


def _whole(value: object, least: int) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if least <= value <= _HIGHEST else None


def _rejected(
    message: Message, reason: str, device: str = "", sort: Sort = "malformed"
) -> Rejection:
    return Rejection(sort, reason, device, message.topic, message.payload)
