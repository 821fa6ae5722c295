"""`kiosk fleet events|tickets|unanswered|audit`: what came up from the kiosks."""

from __future__ import annotations

import re
import time
from typing import Annotated, Any

import typer

from fleet.errors import KioskError
from hub.client import Client, access
from hub.console import options, printing
from hub.console.printing import Column, Row

_SPAN = re.compile(r"(\d+)([smhd])")
_UNTOLD = frozenset(("kind", "visit", "meaning"))
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

Since = Annotated[str | None, typer.Option(help="No older than: 30m, 12h, 7d.")]
OneDevice = Annotated[str | None, typer.Option("--device", help="Only of this kiosk.")]


def events(
    kind: Annotated[
        str | None,
        typer.Option(help="session, unanswered, rating, quality, audit, log or ticket."),
    ] = None,
    device: OneDevice = None,
    since: Since = None,
    limit: options.Limit = 100,
    as_json: options.AsJson = False,
) -> None:
    """List what kiosks have reported, the newest first."""
    moment = _moment(since)
    found = Client(access()).get("events", kind=kind, device=device, since=moment, limit=limit)
    columns: list[Column] = [
        ("at", lambda row: printing.shortly(row["at"])),
        ("kiosk", lambda row: row["device"]),
        ("kind", lambda row: row["kind"]),
        ("what", lambda row: _told(row["body"])),
    ]
    printing.print_rows(found["events"], columns, as_json=as_json, whole=("at", "kiosk", "kind"))


def tickets(
    state: Annotated[str, typer.Option(help="open, closed, or all.")] = "open",
    close: Annotated[str | None, typer.Option(help="Close this one.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """List calls for staff and complaints."""
    client = Client(access())
    if close is not None:
        client.post(f"tickets/{close}/close")
        return
    found = client.get("tickets", state=None if state == "all" else state)
    columns: list[Column] = [
        ("ticket", lambda row: row["ticket"]),
        ("at", lambda row: printing.shortly(row["at"])),
        ("kiosk", lambda row: row["device"]),
        ("sort", lambda row: row["sort"]),
        ("reason", lambda row: row["reason"]),
        ("state", lambda row: row["state"]),
        ("story", lambda row: " / ".join(row["story"])),
    ]
    whole = ("ticket", "kiosk", "sort", "state")
    printing.print_rows(found["tickets"], columns, as_json=as_json, whole=whole)


def unanswered(
    pack: Annotated[str | None, typer.Option(help="Only with this pack: gov-hall.")] = None,
    days: Annotated[int, typer.Option(min=1, help="Of so many days.")] = 30,
    limit: options.Limit = 50,
    as_json: options.AsJson = False,
) -> None:
    """List what could not be answered, equal questions together, the most frequent first."""
    found = Client(access()).get("unanswered", pack=pack, days=days, limit=limit)
    columns: list[Column] = [
        ("count", lambda row: row["count"]),
        ("questions", lambda row: " / ".join(row["examples"])),
        ("nearest answers", lambda row: row["nearest"]),
        ("kiosks", lambda row: row["devices"]),
        ("last", lambda row: printing.shortly(row["last"])),
    ]
    whole = ("count", "kiosks", "last")
    printing.print_rows(found["clusters"], columns, as_json=as_json, whole=whole)


def audit(limit: options.Limit = 100, as_json: options.AsJson = False) -> None:
    """List who did what at the hub, the newest first."""
    columns: list[Column] = [
        ("at", lambda row: printing.shortly(row["at"])),
        ("who", lambda row: row["who"]),
        ("action", lambda row: row["action"]),
        ("on", lambda row: row["target"]),
        ("detail", lambda row: row["detail"]),
    ]
    found = Client(access()).get("audit", limit=limit)
    printing.print_rows(found["audit"], columns, as_json=as_json, whole=("at", "who", "action"))


def _told(body: Row) -> str:
    """A record in one line."""
    match body.get("kind"):
        case "session":
            turns = body.get("turns", [])
            what = ", ".join(turn.get("answer_id") or turn["outcome"] for turn in turns)
            return f"{body['lasted_s']} s: {what}"
        case "ticket":
            return f"{body['sort']} {body['reason']}"
    rest: dict[str, Any] = {key: value for key, value in body.items() if key not in _UNTOLD}
    return ", ".join(f"{key} {printing.plainly(value)}" for key, value in rest.items())


def _moment(span: str | None) -> float | None:
    if span is None:
        return None
    found = _SPAN.fullmatch(span)
    if found is None:
        raise KioskError("input", f"--since {span}: must be a number and s, m, h or d, as in 12h")
    return time.time() - int(found[1]) * _SECONDS[found[2]]
