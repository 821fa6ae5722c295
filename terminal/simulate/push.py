"""One changed answer, pushed to a whole crowd: bytes for each kiosk, and time until all have it."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fleet.messages import PackName
from knowledge import build, built, pack
from terminal.errors import KioskError
from terminal.hub_api import HubApi
from terminal.simulate.crowd import Crowd
from terminal.simulate.pull import Cost, Held, Pull
from terminal.simulate.tally import Figures, milliseconds
from terminal.sync import signals as sig

WAIT_S = 300.0
SENTENCE = "今天起，二楼也能办。"
"""Put before the spoken answer, so that its row changes and nothing else."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Two of one pack, built: the second has one other answer."""

    first: Path
    """Index."""
    second: Path


def two_versions(name: str, folder: Path, today: date) -> Versions:
    """Build a pack that ships with the kiosk as it is, and with one answer changed."""
    source, out = folder / "source", folder / "built"
    shutil.copytree(pack.BUILT_IN / name, source)
    first = build.build(source, out, today).index
    manifest, faq = source / "manifest.yaml", source / "faq.yaml"
    manifest.write_text(_raised(manifest.read_text("utf-8")), "utf-8")
    faq.write_text(_changed(faq.read_text("utf-8")), "utf-8")
    return Versions(first, build.build(source, out, today).index)


def name_of(index: Path) -> PackName:
    """A built pack's exact name."""
    found = built.open_index(index)
    return PackName(id=found.id, version=found.version, digest=found.digest)


def held(index: Path, content: Path) -> Held:
    """What a kiosk that has installed it holds; `content`: the hub's shelf."""
    found = built.open_index(index)
    pieces = {
        sha: built.piece(index, name, sha, size)
        for name, parts in found.files.items()
        for sha, size in parts
    }
    root = max(int(each.name.split(".")[0]) for each in (content / "metadata").glob("*.root.json"))
    return Held(_metadata(content / "metadata"), root, index.read_bytes(), pieces)


def equip(crowd: Crowd, name: PackName, has: Held) -> list[Cost]:
    """Every kiosk has that pack, as from a stick; the costs of what they pull from now on."""
    costs: list[Cost] = []
    for kiosk in crowd.kiosks:
        kiosk.installer = Pull(kiosk, has, costs)
        kiosk.handle(sig.InUse(name, 100.0))
    return costs


async def push(
    crowd: Crowd,
    api: HubApi,
    index: Path,
    costs: list[Cost],
    others_have: Callable[[], bool] = lambda: True,
) -> dict[str, object]:
    """Publish it, roll it out to all, and wait until all have it.

    `others_have`: whether kiosks that are not of the crowd have it too.
    """
    name, clock = name_of(index), asyncio.get_running_loop().time
    await asyncio.to_thread(api.publish, index)
    began = clock()
    await asyncio.to_thread(api.roll_out, name.label, {"all": True})
    all_have = await crowd.until(
        lambda: all(each.pack == name for each in crowd.kiosks) and others_have(), WAIT_S
    )
    return {
        "kiosks": len(crowd.kiosks),
        "updated": sum(kiosk.pack == name for kiosk in crowd.kiosks),
        "all": all_have,
        "took_s": round(clock() - began, 1),
        **_bytes(costs),
        "pull_ms": milliseconds([cost.took_s for cost in costs]),
    }


def _bytes(costs: Sequence[Cost]) -> Figures:
    """Of one kiosk: MQTT packets whole, both ways, acknowledgements and metadata with them."""
    if not costs:
        return {}
    total = sorted(cost.sent_bytes + cost.received_bytes for cost in costs)
    return {"bytes_p50": total[len(total) // 2], "bytes_max": total[-1]}


def _raised(manifest: str) -> str:
    return re.sub(r"(?m)^version: (\d+)$", lambda m: f"version: {int(m[1]) + 1}", manifest)


def _changed(faq: str) -> str:
    changed = re.sub(
        r"(?m)^(  spoken: )(?=\S)(?!\{)(.{4,40})$", rf"\g<1>{SENTENCE}\g<2>", faq, count=1
    )
    if changed == faq:
        raise KioskError("internal", "no answer that could be changed")
    return changed


def _metadata(folder: Path) -> dict[str, bytes]:
    """The newest of each role."""
    timestamp = (folder / "timestamp.json").read_bytes()
    number = json.loads(timestamp)["signed"]["meta"]["snapshot.json"]["version"]
    snapshot = (folder / f"{number}.snapshot.json").read_bytes()
    number = json.loads(snapshot)["signed"]["meta"]["targets.json"]["version"]
    targets = (folder / f"{number}.targets.json").read_bytes()
    return {"timestamp": timestamp, "snapshot": snapshot, "targets": targets}
