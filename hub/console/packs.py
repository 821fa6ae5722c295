"""`kiosk fleet push|rollout|rollback|packs`: knowledge on its way to the kiosks."""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fleet.errors import KioskError
from hub.client import Client, Json, access
from hub.console import options, printing
from hub.console.options import Selection
from hub.console.printing import Column, Row
from knowledge import build as building
from knowledge import built

LOOK_S = 1.0
"""Between two looks at a rollout."""
ENDED = frozenset(("done", "halted", "rolled_back", "failed"))

Source = Annotated[str, typer.Argument(metavar="PACK", help="A built pack, or a pack's folder.")]
Label = Annotated[str, typer.Argument(metavar="PACK@VERSION", help="A pack that the hub has.")]
Rollout = Annotated[str, typer.Argument(metavar="ROLLOUT", help="Its number, see `rollout ls`.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until it has ended.")]
Timeout = Annotated[
    float, typer.Option("--timeout", min=1, help="Seconds until a silent kiosk has failed.")
]
Canary = Annotated[
    float, typer.Option("--canary", min=0, max=100, help="Percent of kiosks to begin with.")
]
Soak = Annotated[float, typer.Option("--soak", min=0, help="Seconds that canaries are watched.")]
Failed = Annotated[
    float, typer.Option("--max-failed", min=0, max=100, help="Percent of kiosks that may fail.")
]
Right = Annotated[
    float | None,
    typer.Option("--min-right", min=0, max=100, help="Percent of the pack's own questions."),
]

rollout_app = typer.Typer(no_args_is_help=True, help="Bring a pack to kiosks in stages.")


def push(
    pack: Source,
    site: options.Site = None,
    region: options.Region = None,
    label: options.Label = None,
    device: options.Device = None,
    everyone: options.Everyone = False,
    wait: Wait = True,
    timeout_s: Timeout = 900,
    yes: options.Yes = False,
) -> None:
    """Publish a pack and bring it to kiosks at once: to all of them, where none are named."""
    named = Selection(site, region, label, tuple(device or ()), everyone)
    chosen = named if str(named) else Selection(everyone=True)
    client = Client(access())
    content, name = parcel(pack)
    options.confirm(f"Bring {name} to {chosen} now?", yes)
    label_sent = client.upload("packs", content)["pack"]
    _say(f"{label_sent}: published, {len(content):,} bytes sent")
    body = {"canary_percent": 100, "soak_s": 0, "timeout_s": timeout_s}
    _start(client, {"pack": label_sent, "select": chosen.body(), **body}, wait)


def publish(pack: Source) -> None:
    """Publish a pack, and bring it to nobody yet: `rollout start` does that."""
    content, _ = parcel(pack)
    print(Client(access()).upload("packs", content)["pack"])


def packs(as_json: options.AsJson = False) -> None:
    """List the packs that the hub has."""
    columns: list[Column] = [
        ("pack", lambda row: row["pack"]),
        ("digest", lambda row: str(row["digest"])[:12]),
        ("published", lambda row: printing.shortly(row["at"])),
        ("by", lambda row: row["by"]),
        ("kiosks", lambda row: row["kiosks"]),
    ]
    found = Client(access()).get("packs")
    whole = ("pack", "digest", "published")
    printing.print_rows(found["packs"], columns, as_json=as_json, whole=whole)


@rollout_app.command("start")
def start(
    pack: Label,
    site: options.Site = None,
    region: options.Region = None,
    label: options.Label = None,
    device: options.Device = None,
    everyone: options.Everyone = False,
    canary_percent: Canary = 10,
    soak_s: Soak = 600,
    timeout_s: Timeout = 900,
    max_failed_percent: Failed = 5,
    min_right_percent: Right = None,
    wait: Wait = False,
    yes: options.Yes = False,
) -> None:
    """Begin with a few kiosks; go on, or halt and take it back, by how they do."""
    chosen = Selection(site, region, label, tuple(device or ()), everyone)
    body: dict[str, object] = {
        "pack": pack,
        "select": chosen.body(),
        "canary_percent": canary_percent,
        "soak_s": soak_s,
        "timeout_s": timeout_s,
        "max_failed_percent": max_failed_percent,
    }
    if min_right_percent is not None:
        body["min_right_percent"] = min_right_percent
    options.confirm(f"Begin to bring {pack} to {chosen}?", yes)
    _start(Client(access()), body, wait)


@rollout_app.command("ls")
def list_rollouts(as_json: options.AsJson = False) -> None:
    """List them, the newest first."""
    columns: list[Column] = [
        ("rollout", lambda row: row["rollout"]),
        ("pack", lambda row: row["pack"]),
        ("to", lambda row: _chosen(row["select"])),
        ("state", lambda row: row["state"]),
        ("stage", lambda row: row["stage"]),
        ("kiosks", counts),
        ("begun", lambda row: printing.shortly(row["at"])),
        ("why", lambda row: row["reason"]),
    ]
    found = Client(access()).get("rollouts")
    whole = ("rollout", "pack", "state")
    printing.print_rows(found["rollouts"], columns, as_json=as_json, whole=whole)


@rollout_app.command("show")
def show_rollout(rollout: Rollout, as_json: options.AsJson = False) -> None:
    """Show one, kiosk by kiosk."""
    found = Client(access()).get(f"rollouts/{rollout}")
    if not as_json:
        print(_line(found))
    columns: list[Column] = [
        ("kiosk", lambda row: row["device"]),
        ("wave", lambda row: row["wave"]),
        ("state", lambda row: row["state"]),
        ("before", lambda row: row["before"]),
        ("right %", lambda row: row["right_percent"]),
        ("why", lambda row: row["detail"]),
    ]
    rows = [found] if as_json else found["kiosks"]
    printing.print_rows(rows, columns, as_json=as_json, whole=("kiosk", "wave", "state"))


@rollout_app.command("pause")
def pause(rollout: Rollout) -> None:
    """Begin with no further kiosk until `resume`."""
    _tell(rollout, "pause")


@rollout_app.command("resume")
def resume(rollout: Rollout) -> None:
    """Go on."""
    _tell(rollout, "resume")


@rollout_app.command("halt")
def halt(rollout: Rollout, yes: options.Yes = False) -> None:
    """End it; kiosks that have the new pack keep it."""
    options.confirm(f"Halt rollout {rollout}?", yes)
    _tell(rollout, "halt")


def rollback(rollout: Rollout, yes: options.Yes = False, wait: Wait = True) -> None:
    """Give every kiosk of a rollout the pack back that it had before."""
    options.confirm(f"Take rollout {rollout} back?", yes)
    client = Client(access())
    client.post(f"rollouts/{rollout}/rollback")
    if wait:
        _follow(client, rollout)


def parcel(source: str) -> tuple[bytes, str]:
    """A pack as the hub takes it, and its name; a folder of YAML is checked and built first."""
    path = Path(source)
    index = built.locate(path)
    if index is not None:
        return _tar(index), index.stem
    with tempfile.TemporaryDirectory() as folder:
        made = building.build(path, Path(folder), date.today())
        return _tar(made.index), made.label


def counts(row: Row) -> str:
    """3 current, 1 failed"""
    return ", ".join(f"{number} {state}" for state, number in row["counts"].items() if number)


def _chosen(select: dict[str, object]) -> str:
    if select.get("all"):
        return "all"
    return ", ".join(f"{key} {printing.plainly(value)}" for key, value in select.items())


def _tar(index: Path) -> bytes:
    found = built.open_index(index)
    wanted = sorted({sha for pieces in found.files.values() for sha, _ in pieces})
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in (index.name, *(f"{built.BLOBS}/{sha}" for sha in wanted)):
            try:
                tar.add(index.parent / name, arcname=name, filter=_bare)
            except OSError as error:
                raise KioskError(
                    "input", f"{index.parent / name}: cannot be read ({error.strerror})"
                ) from error
    return out.getvalue()


def _bare(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Names and bytes alone: the same pack is the same file, whoever sends it."""
    member.mtime, member.mode = 0, 0o644
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _start(client: Client, body: Json, wait: bool) -> None:
    rollout = str(client.post("rollouts", body)["rollout"])
    _say(f"rollout {rollout} has begun")
    if wait:
        _follow(client, rollout)


def _follow(client: Client, rollout: str) -> None:
    """Tell its progress until it has ended; KioskError if that was not well."""
    told = ""
    while True:
        found = client.get(f"rollouts/{rollout}")
        line = _line(found)
        if line != told:
            _say(line)
            told = line
        if found["state"] in ENDED:
            break
        time.sleep(LOOK_S)
    if found["state"] != "done":
        raise KioskError("input", f"rollout {rollout} {found['state']}: {found['reason']}")


def _line(found: Json) -> str:
    reason = f": {printing.printable(found['reason'])}" if found.get("reason") else ""
    return f"rollout {found['rollout']}, {found['pack']}: {found['state']}, {counts(found)}{reason}"


def _tell(rollout: str, what: str) -> None:
    Client(access()).post(f"rollouts/{rollout}/{what}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
