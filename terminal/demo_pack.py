"""The demo's pack at its hub: the first version, published and brought to the demo's kiosk.

    python -m terminal.demo_pack ADMIN PACK BUILT

A process of its own, and a patient one: building takes seconds of the machine that the kiosk wants
for its models at that moment.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge import build, built
from knowledge import pack as packs
from terminal.errors import KioskError
from terminal.hub_api import HubApi

DEVICE = "demo-kiosk"
_NICE = 19


@dataclass(frozen=True, slots=True)
class Here:
    """The pack that the demo was started with."""

    id: str
    version: int
    digest: str

    @property
    def label(self) -> str:
        """gov-hall@3"""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done at the hub."""

    publish: bool = False
    roll_out: str | None = None
    """Label."""
    warn: str | None = None


def step(here: Here, known: Iterable[str], desired: str | None, digest: str | None) -> Step:
    """Pure. `known`: the hub's labels; `desired`: the kiosk's; `digest`: the hub's of this label.

    The hub's newer version stays: somebody pushed it. Another pack is switched to.
    """
    versions = [int(each.rpartition("@")[2]) for each in known if _id(each) == here.id]
    newest = max(versions, default=0)
    if here.version > newest:
        return Step(publish=True, roll_out=here.label)
    warn = None
    if digest is not None and digest != here.digest and here.version == newest:
        warn = f"{here.label} was changed here: raise its version, then kiosk fleet push"
    if desired is None or _id(desired) != here.id:
        return Step(roll_out=f"{here.id}@{newest}", warn=warn)
    return Step(warn=warn)


def settle(api: HubApi, pack: str, folder: Path) -> str | None:
    """Do it; what the user should know. `folder`: to build in."""
    path = packs.find(pack)
    found = packs.load(path)
    here = Here(found.manifest.id, found.manifest.version, found.digest)
    known = {str(each["pack"]): each.get("digest") for each in api.get("/api/1/packs")["packs"]}
    wanted = step(here, known, _desired(api), known.get(here.label))
    if wanted.publish:
        index = built.locate(path) or build.build(path, folder, date.today()).index
        api.publish(index)
    if wanted.roll_out:
        api.roll_out(wanted.roll_out, {"device": DEVICE})
    return wanted.warn


def access(admin: Path) -> tuple[str, str]:
    """Address and token; KioskError if the file is gone or damaged."""
    try:
        found = tomllib.loads(admin.read_text("utf-8"))
        return str(found["hub"]), str(found["token"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        said = f"{admin}: is gone or damaged, and a token is told only once"
        raise KioskError("input", f"{said}; remove {admin.parent}, to begin anew") from error


def _desired(api: HubApi) -> str | None:
    desired = api.get(f"/api/1/kiosks/{DEVICE}").get("desired") or {}
    pack = desired.get("pack")
    return f"{pack['id']}@{pack['version']}" if pack else None


def _id(label: str) -> str:
    return label.rpartition("@")[0]


def main() -> int:
    """The process; what it has to say is on standard output."""
    os.nice(_NICE)
    admin, pack, folder = sys.argv[1:]
    try:
        api = HubApi(*access(Path(admin)))
        said = settle(api, pack, Path(folder))
        api.close()
    except KioskError as error:
        print(f"the pack is not published: {error.message}")
        return error.exit_status
    print(said or "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
