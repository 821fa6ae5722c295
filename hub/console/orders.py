"""`kiosk fleet cmd|enrol-token`: what a kiosk is told to do once, and how a new one gets in."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from fleet.errors import KioskError
from hub.client import Client, access
from hub.console import options, printing
from hub.console.kiosks import setting
from hub.console.options import Selection
from hub.console.printing import Column

LOOK_S = 0.5
OPEN = frozenset(("sent", "accepted"))
HARMLESS = frozenset(("send_logs", "reload"))

Lives = Annotated[float, typer.Option("--lives", min=1, help="Seconds; worth nothing later.")]


def cmd(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="COMMAND",
            help="reload, say, volume, out_of_service, in_service, log_level, send_logs, renew.",
        ),
    ],
    args: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...")] = None,
    site: options.Site = None,
    region: options.Region = None,
    label: options.Label = None,
    device: options.Device = None,
    everyone: options.Everyone = False,
    lives_s: Lives = 600,
    wait_s: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for the kiosks' answers.")
    ] = 10,
    as_json: options.AsJson = False,
    yes: options.Yes = False,
) -> None:
    """Tell kiosks to do something once, such as `cmd volume gain=0.8 --site hall-1`."""
    chosen = Selection(site, region, label, tuple(device or ()), everyone)
    body = {
        "select": chosen.body(),
        "kind": kind,
        "args": dict(map(setting, args or [])),
        "lives_s": lives_s,
    }
    if kind not in HARMLESS:
        options.confirm(f"Tell {chosen} to {kind}?", yes)
    client = Client(access())
    ids = [str(each) for each in client.post("commands", body)["commands"]]
    columns: list[Column] = [
        ("command", lambda row: row["command"]),
        ("kiosk", lambda row: row["device"]),
        ("kind", lambda row: row["kind"]),
        ("status", lambda row: row["status"]),
        ("detail", lambda row: row["detail"]),
    ]
    whole = ("kiosk", "kind", "status")
    printing.print_rows(_results(client, ids, wait_s), columns, as_json=as_json, whole=whole)


def enrol_token(
    site: Annotated[
        str, typer.Option(help="Where the kiosk will stand; without it, as its site file says.")
    ] = "",
    region: Annotated[str, typer.Option(help="The region of its site.")] = "",
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="A label; may be repeated.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="For this kiosk alone, as after a swap of its board.")
    ] = None,
    lives_s: Lives = 86_400,
) -> None:
    """Make a token by which one kiosk gets its certificate. It is shown this once."""
    body: dict[str, object] = {
        "site": site,
        "region": region,
        "labels": labels or [],
        "lives_s": lives_s,
    }
    if device is not None:
        body["device"] = device
    print(Client(access()).post("enrol-tokens", body)["token"])


def _results(client: Client, ids: list[str], wait_s: float) -> list[printing.Row]:
    """What came of commands, as far as it is known within `wait_s`."""
    if not ids:
        raise KioskError("input", "no kiosk fits that")
    until = time.monotonic() + wait_s
    while True:
        rows = [row for each in ids for row in client.get("commands", id=each)["commands"]]
        if time.monotonic() >= until or all(row["status"] not in OPEN for row in rows):
            break
        time.sleep(LOOK_S)
    waiting = sum(row["status"] in OPEN for row in rows)
    if waiting:
        print(f"{waiting} of {len(rows)} have not answered yet", file=sys.stderr)
    return rows
