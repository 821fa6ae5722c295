"""What a simulation counts while it runs, and the row that it ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from terminal.simulate.history import Entry

Figures = dict[str, float]


@dataclass(slots=True)
class Tally:
    """Of all kiosks together."""

    history: list[Entry] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    """From an event's making to the hub's word that it is safe."""
    safe_at: list[float] = field(default_factory=list)
    connects: list[float] = field(default_factory=list)
    """When each connection was ready."""
    losses: list[float] = field(default_factory=list)
    """When each broke."""
    batches: int = 0
    again: int = 0
    """Events sent more than once."""
    refused_words: int = 0
    """Messages from above that were not the hub's, or not for this kiosk."""
    sent_bytes: int = 0
    received_bytes: int = 0


def milliseconds(waits_s: Sequence[float]) -> Figures:
    """p50, p95, p99 and the longest; zeros for none."""
    names = ("p50", "p95", "p99", "max")
    if not waits_s:
        return dict.fromkeys(names, 0.0)
    found = np.percentile(np.asarray(waits_s) * 1000, (50, 95, 99, 100))
    return {name: round(float(each), 1) for name, each in zip(names, found, strict=True)}


def busiest(times: Sequence[float]) -> int:
    """Most of `times` within any one second."""
    found, first = 0, 0
    ordered = sorted(times)
    for last, at in enumerate(ordered):
        while at - ordered[first] > 1.0:
            first += 1
        found = max(found, last - first + 1)
    return found


def spread(times: Sequence[float], since: float) -> Figures:
    """Of a storm of reconnections: seconds since the broker was back, and the busiest second."""
    after = [at - since for at in times if at >= since]
    if not after:
        return {}
    p50, p95, last = np.percentile(after, (50, 95, 100))
    return {
        "kiosks": len(after),
        "first_s": round(min(after), 2),
        "p50_s": round(float(p50), 2),
        "p95_s": round(float(p95), 2),
        "last_s": round(float(last), 2),
        "busiest_second": busiest(after),
    }


def rate(times: Sequence[float]) -> float:
    """A second, over the middle four fifths of `times`: without start and end."""
    if len(times) < 10:
        return 0.0
    ordered = sorted(times)
    low, high = len(ordered) // 10, len(ordered) * 9 // 10
    took = ordered[high] - ordered[low]
    return round((high - low) / took, 1) if took else 0.0
