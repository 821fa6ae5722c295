"""What is wrong, or will soon be wrong, with a pack: the check before anything is published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from knowledge import (
    files,
    lint_between,
    lint_cases,
    lint_english,
    lint_guide,
    lint_hall,
    messages,
    pack,
    refs,
    speech,
)
from knowledge.pack import Entry, Pack, resolved
from knowledge.problem import Problem
from knowledge.schema import Guide
from knowledge.speech import CanSay, plain_text

FEW_VARIANTS = 12

_MARK = re.compile(r"(?:^|[#:,\[{]|- )\s*[\"']?TODO\b[ ：:]*(.*)", re.ASCII)
"""As a comment, or as a value not yet written."""


def lint(folder: Path, today: date, unsayable: CanSay = plain_text) -> list[Problem]:
    """Everything wrong with the pack at `folder`; empty is good. Errors come before warnings.

    A built pack that is not what its index says raises KioskError: there is nothing to mend.
    """
    raw, unread = pack.contents(folder)
    _, problems = inspect(raw, unread, today, unsayable)
    strays = files.strays(folder) if files.is_folder(folder) else []
    return _in_order(problems + strays)


def inspect(
    raw: Mapping[str, bytes], unread: Sequence[Problem], today: date, unsayable: CanSay
) -> tuple[Pack | None, list[Problem]]:
    """As `lint`, of a pack's files by name: what could be read of it, and the problems."""
    read, problems = pack.draft(raw, unread)
    broken = {each.file for each in problems}
    problems += _marks(raw, broken)
    if read is not None:
        problems += lint_hall.problems(read, broken, today, unsayable)
        problems += _items(read, today, unsayable)
        problems += lint_english.problems(read, broken)
        problems += lint_between.problems(read, broken)
        problems += lint_cases.problems(read, raw, complete=not broken)
    return read, _in_order(problems)


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda each: (each.warning, each.file, each.line, each.message))


def _marks(raw: Mapping[str, bytes], broken: set[str]) -> Iterator[Problem]:
    """What the author of a new pack has not yet filled in."""
    for name, content in raw.items():
        if name in broken:
            continue
        for number, line in enumerate(content.decode("utf-8-sig", "replace").split("\n"), 1):
            mark = _MARK.search(line)
            if mark:
                what = mark[1].strip() or line.strip()
                yield Problem(name, number, f"TODO: {what} (then delete the TODO)")


def _items(read: Pack, today: date, unsayable: CanSay) -> Iterator[Problem]:
    for entry in read.entries:
        yield from _references(entry, read)
        yield from _validity(entry, today)
        yield from _speech(entry, read, unsayable)
        count = len(entry.item.variants)
        if count < FEW_VARIANTS:
            said = f"only {count} variants (问法); {FEW_VARIANTS} or more are found far more often"
            yield entry.problem(said, "variants", warning=True)
        if isinstance(entry.item, Guide):
            yield from lint_guide.problems(entry, entry.item, read, unsayable)


def _references(entry: Entry, read: Pack) -> Iterator[Problem]:
    item = entry.item
    known = refs.values(read.site, item.window)
    if item.window is not None and f"window.{item.window}" not in known:
        yield entry.problem(f"window (办理窗口): {item.window!r} is not in site.yaml", "window")
    for at, text in messages.texts(item):
        if at[0] not in item.model_fields_set:
            continue  # a default's reference to a telephone that lint_hall misses already
        if at[0] == "en":
            continue  # its references are English words: see lint_english
        for fault in refs.faults(text, known):
            yield entry.problem(f"{messages.named(type(item), at)}: {fault}", *at)


def _validity(entry: Entry, today: date) -> Iterator[Problem]:
    item = entry.item
    if item.review_by < today:
        said = (
            f"review_by (复核期限) {item.review_by} has passed; check the answer, then move it on"
        )
        yield entry.problem(said, "review_by")
    begin, end = item.effective_from, item.effective_to
    if begin and end and begin > end:
        said = f"effective_from (生效日期) {begin} is later than effective_to (失效日期) {end}"
        yield entry.problem(said, "effective_from")
    elif end and end < today:
        said = f"effective_to (失效日期): ended on {end}; take the item out or renew it"
        yield entry.problem(said, "effective_to", warning=True)


def _speech(entry: Entry, read: Pack, unsayable: CanSay) -> Iterator[Problem]:
    item = resolved(entry.item, read.site)
    said: list[tuple[tuple[str, ...], str]] = [(("spoken",), item.spoken)]
    said += [(("aspects", name, "spoken"), a.spoken) for name, a in item.aspects.items()]
    for at, text in said:
        for fault in speech.faults(text, unsayable):
            yield entry.problem(f"{'.'.join(at)} (播报): {fault}", *at)
