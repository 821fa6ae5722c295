"""`kiosk fleet ls|show|watch|label|set|revoke`: the kiosks themselves."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import typer
from rich.console import Console

from fleet.errors import KioskError
from hub.client import Client, Json, access
from hub.console import options, printing, watching
from hub.console.printing import Column, Row

State = Annotated[str | None, typer.Option(help="online, offline or revoked.")]
Pack = Annotated[str | None, typer.Option(help="Only with this pack in use: gov-hall@4.")]
Alarms = Annotated[bool, typer.Option("--alarms", help="Only those that call for somebody.")]
Name = Annotated[str, typer.Argument(metavar="KIOSK")]

_WHOLE = ("kiosk", "state", "seen", "pack")
"""Columns that no screen is too narrow for."""
_TIMES = frozenset(("at", "seen", "added", "until", "since", "reported_at", "health_at", "sent"))


def ls(
    site: options.Site = None,
    region: options.Region = None,
    label: options.Label = None,
    state: State = None,
    pack: Pack = None,
    alarms: Alarms = False,
    as_json: options.AsJson = False,
) -> None:
    """List the kiosks, and how each of them is: safe mode, out of service, what is broken."""
    found = _kiosks(Client(access()), site, region, label, state, pack, alarms=alarms)
    printing.print_rows(found, columns(time.time()), as_json=as_json, whole=_WHOLE)


def show(device: Name, as_json: options.AsJson = False) -> None:
    """Show one kiosk: its twin, health, last events and commands."""
    found = Client(access()).get(f"kiosks/{device}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    printing.print_fields(_flat(found))


def watch(
    site: options.Site = None,
    region: options.Region = None,
    label: options.Label = None,
    state: State = None,
    pack: Pack = None,
    every_s: Annotated[float, typer.Option("--every", min=0.5, help="Seconds.")] = 2.0,
    as_json: options.AsJson = False,
) -> None:
    """Keep the list on the screen until Ctrl-C; as JSON, a line for each kiosk that changes."""
    client = Client(access())

    def look() -> list[Row]:
        return _kiosks(client, site, region, label, state, pack)

    def sleep() -> None:
        time.sleep(every_s)

    if as_json:
        for line in watching.as_lines(look, sleep):
            print(line, flush=True)
    watching.on_screen(look, lambda: columns(time.time()), sleep, Console())


def label(
    device: Name,
    site: Annotated[str | None, typer.Option(help="Where it stands.")] = None,
    region: Annotated[str | None, typer.Option(help="The region of its site.")] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="All its labels; may be repeated.")
    ] = None,
) -> None:
    """Say where a kiosk stands, and what it is."""
    given: dict[str, object] = {"site": site, "region": region, "labels": labels}
    change = {key: value for key, value in given.items() if value is not None}
    if not change:
        raise KioskError("input", "nothing to change: give --site, --region or --label")
    Client(access()).patch(f"kiosks/{device}", change)


def configure(
    device: Name,
    settings: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...")],
) -> None:
    """Set remote settings of a kiosk, as far as its site allows: `volume=0.8`; `volume=` unsets."""
    config = dict(map(setting, settings))
    Client(access()).patch(f"kiosks/{device}", {"config": config})


def revoke(device: Name, yes: options.Yes = False) -> None:
    """Take a kiosk out of the fleet for good: its certificate is worth nothing from now on."""
    options.confirm(f"Revoke {device}? It can return by a new enrolment only.", yes)
    Client(access()).post(f"kiosks/{device}/revoke")
    print(f"{device}: revoked")


def setting(text: str) -> tuple[str, object]:
    """NAME=VALUE; a value that reads as JSON is that, anything else is text, nothing is None."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise KioskError("input", f"{text!r}: must be NAME=VALUE")
    if not value:
        return name, None
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _kiosks(
    client: Client,
    site: str | None,
    region: str | None,
    label: str | None,
    state: str | None,
    pack: str | None,
    *,
    alarms: bool = False,
) -> list[Row]:
    """`alarms`: only kiosks with one."""
    wanted = {"site": site, "region": region, "label": label, "state": state, "pack": pack}
    found = client.get("kiosks", **wanted, alarms="1" if alarms else None)
    return list(found["kiosks"])


def columns(now: float) -> list[Column]:
    """What is told of a kiosk in a table."""
    return [
        ("kiosk", lambda row: row["device"]),
        ("site", lambda row: row["site"]),
        ("region", lambda row: row["region"]),
        ("hall", lambda row: row["hall"]),
        ("window", lambda row: row["window"]),
        ("labels", lambda row: row["labels"]),
        ("state", lambda row: row["state"]),
        ("alarms", lambda row: printing.bad(row.get("alarms", []))),
        ("seen", lambda row: printing.ago(row["seen"], now)),
        ("pack", lambda row: row["pack"]),
        ("update", lambda row: row["progress"]),
        ("waiting", lambda row: row["queue"]),
        ("app", lambda row: row["app"]),
        ("why", lambda row: row.get("why", "")),
    ]


def _flat(found: Json, before: str = "") -> list[tuple[str, Any]]:
    """Fields inside fields by their path, but for those that say nothing.

    Lists of rows are a line each.
    """
    rows: list[tuple[str, Any]] = []
    for key, value in found.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value:
            rows += _flat(value, f"{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            rows += [(name if not at else "", _line(each)) for at, each in enumerate(value)]
        elif key in _TIMES:
            rows.append((name, printing.when(value) if value else "never"))
        elif value not in printing.NOTHING:
            rows.append((name, value))
    return rows


def _line(row: Row) -> str:
    told = [
        printing.when(value) if key in _TIMES else f"{key} {value}"
        for key, value in row.items()
        if value not in printing.NOTHING
    ]
    return ", ".join(told)
