"""What is wrong with a kiosk by its last health, for who looks at the whole fleet. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OUT_OF_SERVICE, SAFE_MODE, FALLBACK_PACK = "out_of_service", "safe_mode", "fallback_pack"
SAFE = frozenset(("factory_pack", "bare"))
"""Ways to start after starts that failed; `closed` is one that has not come to serve."""
BAD = frozenset(("missing", "lost", "silent", "denied", "absent", "fault"))
"""States of devices."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing, in a word, and why."""

    name: str
    why: str
    """As the kiosk says it; may be empty: older ones give no reasons."""


def alarms(health: Mapping[str, Any] | None) -> Iterator[Alarm]:
    """The worst first. `health`: as it is stored, of any version of the kiosk."""
    told = health or {}
    parts, details = told.get("parts") or {}, told.get("details") or {}
    start = parts.get("start", "")
    if told.get("state") == OUT_OF_SERVICE:
        yield Alarm(OUT_OF_SERVICE, details.get("service") or details.get("start", ""))
    if start in SAFE:
        yield Alarm(SAFE_MODE, details.get("start") or start)
    if parts.get("pack") == "fallback":
        yield Alarm(FALLBACK_PACK, details.get("pack", ""))
    for part, state in parts.items():
        if state in BAD:
            yield Alarm(f"{part}_{state}", details.get(part, ""))


def alarmed(healths: Iterable[Mapping[str, Any] | None]) -> dict[str, int]:
    """How many kiosks have each of the gravest, and how many any: one of a device, too."""
    found = Counter(dict.fromkeys(("any", OUT_OF_SERVICE, SAFE_MODE, FALLBACK_PACK), 0))
    for health in healths:
        names = {each.name for each in alarms(health)}
        found.update(names & found.keys())
        found["any"] += bool(names)
    return found
