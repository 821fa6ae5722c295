"""Work on many things in order, on all cores: for what leaves Python's lock alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

AHEAD = 64
"""Things that are taken from the iterable at once, while the ones before are done."""

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def abreast(work: Callable[[Thing], Result], things: Iterable[Thing]) -> Iterator[Result]:
    """What `work` makes of each, in their order."""
    rest = iter(things)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        before: Iterator[Result] = iter(())
        while some := list(islice(rest, AHEAD)):
            now = pool.map(work, some)
            yield from before
            before = now
        yield from before
