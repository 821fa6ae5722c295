"""A pack's differences as lines that a hall's editor reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import groupby

from knowledge.diff import Change, Changed, PackDiff


def lines(found: PackDiff) -> Iterator[str]:
    """All of `found`, the items first, what would travel last."""
    yield f"{found.old} -> {found.new}"
    if found.same:
        yield "no difference"
        return
    for name, title in found.added:
        yield f"added (新增)    {name}  {title}"
    for name, title in found.removed:
        yield f"removed (删除)  {name}  {title}"
    for each in (*found.changed, *found.files):
        yield f"changed (修改)  {each.name}  {each.title}"
        yield from _changes(each.changes)
    yield from _reheard(found.reheard)
    if not (found.added or found.removed or found.changed or found.files):
        yield "nothing that is said or shown differs: only comments, order or layout"
    yield from _travel(found)


def _reheard(items: tuple[Changed, ...]) -> Iterator[str]:
    if items:
        yield f"heard differently (随 site.yaml 变化): {len(items)}"
    for each in items:
        yield f"  {each.name}  {each.title}"
        for change in each.changes:
            yield from (f"  {line}" for line in _sides(change))


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    for (field, title), same_field in groupby(changes, key=lambda each: (each.field, each.title)):
        yield f"  {field} ({title})" if title else f"  {field}"
        for change in same_field:
            yield from _sides(change)


def _sides(change: Change) -> Iterator[str]:
    """The old lines and the new, without those that stay."""
    old = [] if change.old is None else change.old.split("\n")
    new = [] if change.new is None else change.new.split("\n")
    for line in difflib.ndiff(old, new):
        if line[0] in "-+":
            yield f"    {line}"


def _travel(found: PackDiff) -> Iterator[str]:
    count = len(found.travels)
    yield f"to send (下发): {found.travel_bytes:,} bytes, {count} of {found.file_count} files"
    for each in found.travels:
        yield f"  {each.file}  {each.new_bytes:,} of {each.total_bytes:,} bytes"
    yield f"  index  {found.index_bytes:,} bytes"
    if not found.version_raised:
        yield "note: raise version (版本号) in manifest.yaml before you publish this"
