"""Checks of tests.jsonl: the questions by which a pack is tried before it is taken into use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.pack import Pack
from knowledge.problem import Problem
from knowledge.reader import cases

NAME = "tests.jsonl"


def problems(pack: Pack, raw: Mapping[str, bytes], complete: bool) -> Iterator[Problem]:
    """Everything wrong with the cases.

    Where an item could not be read (`complete` is false) that is reported already, and cases
    that name an unknown one are left in peace.
    """
    if NAME not in raw:
        return
    found, unread = cases(raw[NAME], NAME)
    yield from unread
    ids = {entry.item.id for entry in pack.entries}
    seen: set[str] = set()
    for line, case in found:
        if case.id in seen:
            yield Problem(NAME, line, f"id (编号): {case.id!r} stands twice")
        seen.add(case.id)
        wanted = [case.answer_id] if case.answer_id else []
        for name in [*wanted, *case.options]:
            if complete and name not in ids:
                yield Problem(NAME, line, f"{case.id}: {name!r} is no item of this pack")
        if case.outcome == "answered" and case.answer_id is None:
            yield Problem(NAME, line, f"{case.id}: answer_id (应答事项): missing")
