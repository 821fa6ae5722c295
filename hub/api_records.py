"""Over HTTP: what the kiosks reported (events, tickets, unanswered questions), and the audit."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, select, tuple_

from fleet.topics import EVENT_KINDS
from hub import audit, tickets, unanswered
from hub.context import Hub, Part
from hub.tables import Event
from hub.web import Asked, Json, Problem, endpoint

DAY_S = 86_400.0
MAX_ROWS = 1000
FAR = 1e11
"""A time beyond all others."""
KEY = (Event.received, Event.device, Event.boot, Event.seq)


def part(hub: Hub) -> Part:
    """Routes."""

    def events(asked: Asked) -> Json:
        limit = int(asked.number("limit", 100, 1, MAX_ROWS))
        with hub.database.read() as session:
            rows = list(session.scalars(_events(asked).limit(limit)))
        more = _cursor(rows[-1]) if len(rows) == limit else None
        return {"events": [_row(each) for each in rows], "next": more}

    def all_tickets(asked: Asked) -> Json:
        state = asked.query.get("state", "")
        if state not in {"", "open", "closed"}:
            raise Problem(400, "state: open or closed")
        limit = int(asked.number("limit", MAX_ROWS, 1, MAX_ROWS))
        with hub.database.read() as session:
            return {"tickets": tickets.rows(session, state, limit)}

    def close_ticket(asked: Asked) -> Json:
        note = asked.json().get("note", "")
        if not isinstance(note, str) or len(note) > 1000 or "\x00" in note:
            raise Problem(400, "note: must be text of at most 1,000 characters")
        with hub.database.write() as session:
            return tickets.close(session, asked.path["ticket"], asked.who, note, hub.clock())

    def all_unanswered(asked: Asked) -> Json:
        since = hub.clock() - DAY_S * asked.number("days", 30, 0.01, 3650)
        with hub.database.read() as session:
            return {"clusters": unanswered.clusters(session, since, asked.query.get("pack", ""))}

    def all_audit(asked: Asked) -> Json:
        limit = int(asked.number("limit", 200, 1, MAX_ROWS))
        who, action = asked.query.get("who", ""), asked.query.get("action", "")
        with hub.database.read() as session:
            return {"audit": audit.rows(session, limit, who, action)}

    return Part(
        routes=(
            endpoint(hub, "GET", "/events", "viewer", events),
            endpoint(hub, "GET", "/tickets", "viewer", all_tickets),
            endpoint(hub, "POST", "/tickets/{ticket}/close", "operator", close_ticket),
            endpoint(hub, "GET", "/unanswered", "viewer", all_unanswered),
            endpoint(hub, "GET", "/audit", "admin", all_audit),
        )
    )


def _events(asked: Asked) -> Select[Any]:
    """The newest first, by the time when the hub had them; `after` goes on after a page."""
    found = select(Event).order_by(*(column.desc() for column in KEY))
    if kind := asked.query.get("kind"):
        if kind not in EVENT_KINDS:
            raise Problem(400, f"kind: one of {', '.join(EVENT_KINDS)}")
        found = found.where(Event.kind == kind)
    if device := asked.query.get("device"):
        found = found.where(Event.device == device)
    if "since" in asked.query:
        found = found.where(Event.received >= asked.number("since", 0, 0, FAR))
    if "until" in asked.query:
        found = found.where(Event.received <= asked.number("until", FAR, 0, FAR))
    if after := asked.query.get("after"):
        found = found.where(tuple_(*KEY) < tuple_(*_parsed(after)))
    return found


def _cursor(event: Event) -> str:
    return f"{event.received!r}:{event.device}:{event.boot}:{event.seq}"


def _parsed(cursor: str) -> tuple[float, str, int, int]:
    try:
        received, device, boot, seq = cursor.split(":")
        return float(received), device, int(boot), int(seq)
    except ValueError as error:
        raise Problem(400, "after: give `next` of the page before") from error


def _row(event: Event) -> Json:
    return {
        "at": event.at,
        "received": event.received,
        "device": event.device,
        "kind": event.kind,
        "boot": event.boot,
        "seq": event.seq,
        "body": json.loads(event.body),
    }
