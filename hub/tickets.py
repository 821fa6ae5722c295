"""Tickets: staff were called, or somebody complained, until a person says that it is dealt with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.tables import Ticket
from hub.web import Problem


def rows(session: Session, state: str, limit: int) -> list[dict[str, Any]]:
    """The newest first; `state`: open, closed, or all if empty."""
    asked = select(Ticket).order_by(Ticket.received.desc(), Ticket.ticket).limit(limit)
    if state:
        asked = asked.where(Ticket.closed.is_(None) == (state == "open"))
    return [_row(each) for each in session.scalars(asked)]


def close(session: Session, ticket: str, who: str, note: str, now: float) -> dict[str, Any]:
    """Dealt with; Problem for one that is not there, or was closed by somebody else."""
    found = session.get(Ticket, ticket, with_for_update=True)
    if found is None:
        raise Problem(404, f"ticket {ticket}: there is none; see kiosk fleet tickets")
    if found.closed is not None:
        raise Problem(409, f"ticket {ticket}: was closed by {found.closed_by}")
    found.closed, found.closed_by, found.note = now, who, note
    return _row(found)


def _row(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.ticket,
        "at": ticket.at,
        "device": ticket.device,
        "sort": ticket.sort,
        "reason": ticket.reason,
        "state": "open" if ticket.closed is None else "closed",
        "story": ticket.story,
        "closed": ticket.closed,
        "closed_by": ticket.closed_by,
        "note": ticket.note,
    }
