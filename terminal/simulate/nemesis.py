"""What goes wrong, and when: drawn from a seed, so that a run can be had again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

log = logging.getLogger(__name__)

Blow = Literal[
    "kill_broker",
    "kill_hub",
    "kill_worker",
    "kill_database",
    "kill_kiosk",
    "cut",
    "away",
    "slow",
    "swallow",
    "twice",
    "reorder",
    "clock_back",
    "full_disk",
]
"""kill_…: SIGKILL, and started again after a while. cut: all connections at once. away: no network
for a while. slow: everything comes later. swallow: nothing comes through, and nobody is told.
twice, reorder: of publishes. clock_back, full_disk: of a kiosk."""
BLOWS: Sequence[Blow] = get_args(Blow)

LEAST_PAUSE_S, MOST_PAUSE_S = 0.5, 3.0
LEAST_S, MOST_S = 0.5, 4.0
"""How long a blow lasts."""

Strike = Callable[[float], Awaitable[None]]
"""Do it, for so many seconds, and make it good again."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One blow."""

    at_s: float
    """Since the beginning."""
    blow: Blow
    lasts_s: float


def plan(draw: random.Random, seconds: float, can: Iterable[Blow]) -> list[Planned]:
    """Blows for so long, each of those that `can` be struck at least once if there is time."""
    found: list[Planned] = []
    at = 0.0
    for blow in _endless(draw, sorted(can)):
        at += draw.uniform(LEAST_PAUSE_S, MOST_PAUSE_S)
        lasts = draw.uniform(LEAST_S, MOST_S)
        if at + lasts > seconds:
            return found
        found.append(Planned(round(at, 2), blow, round(lasts, 2)))
        at += lasts
    return found


def _endless(draw: random.Random, blows: Sequence[Blow]) -> Iterator[Blow]:
    """Round after round, each in another order."""
    while blows:
        yield from draw.sample(blows, len(blows))


async def strike(
    planned: Sequence[Planned], how: dict[Blow, Strike], say: Callable[[str], None] = log.info
) -> list[Planned]:
    """Carry the plan out, one blow after another; what was carried out."""
    clock = asyncio.get_running_loop().time
    began = clock()
    done = []
    for each in planned:
        await asyncio.sleep(max(0.0, began + each.at_s - clock()))
        say(f"{clock() - began:6.1f} s: {each.blow} for {each.lasts_s:.1f} s")
        await how[each.blow](each.lasts_s)
        done.append(each)
    return done
