"""`kiosk pack diff`: what two packs say differently, item by item, and what would travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from knowledge import built, messages, pack
from knowledge.pack import Pack, resolved
from knowledge.places import Place
from knowledge.schema import Faq, Guide, Manifest, Notice, Site, Term

Shape = type[BaseModel]

_IN_TURN = ("handle_flow", "steps", "materials")
"""Lists that citizens read from the top: another order is another answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs."""

    field: str
    """``materials.身份证.note``"""
    title: str
    """说明"""
    old: str | None
    """None: added."""
    new: str | None
    """None: removed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that is in both packs, and how it differs."""

    name: str
    """An item's id, or the file: site.yaml."""
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Travel:
    """A file that a kiosk would fetch to go from the old pack to the new."""

    file: str
    new_bytes: int
    """In pieces that the old pack has not."""
    total_bytes: int


@dataclass(frozen=True, slots=True)
class PackDiff:
    """All that differs between two packs."""

    old: str
    """Label: gov-hall@3."""
    new: str
    added: tuple[tuple[str, str], ...]
    """(id, title) of each new item."""
    removed: tuple[tuple[str, str], ...]
    changed: tuple[Changed, ...]
    """Items as their authors wrote them."""
    reheard: tuple[Changed, ...]
    """Items that nobody touched, but that sound different since the site file changed."""
    files: tuple[Changed, ...]
    """Manifest, site, notices and lexicon."""
    travels: tuple[Travel, ...]
    index_bytes: int
    """The new index, which travels whenever anything differs."""
    file_count: int
    """Files of the new pack."""
    same: bool
    """Every file is the same, to the byte."""
    version_raised: bool

    @property
    def travel_bytes(self) -> int:
        """All that a kiosk would fetch, before compression."""
        new = sum(each.new_bytes for each in self.travels)
        return 0 if self.same else new + self.index_bytes


def diff(old_path: Path, new_path: Path) -> PackDiff:
    """Compare two packs, folders or built ones. KioskError if one cannot be read."""
    old, new = pack.load(old_path), pack.load(new_path)
    before, after = _by_id(old), _by_id(new)
    both = [name for name in after if name in before]
    index = built.index_of(new.manifest.id, new.manifest.version, pack.contents(new_path)[0])
    return PackDiff(
        old=old.label,
        new=new.label,
        added=tuple((name, item.title) for name, item in after.items() if name not in before),
        removed=tuple((name, item.title) for name, item in before.items() if name not in after),
        changed=tuple(_items(before, after, both)),
        reheard=tuple(_reheard(old, new, both)),
        files=tuple(_files(old, new)),
        travels=tuple(_travels(pack.contents(old_path)[0], index)),
        index_bytes=len(index.encoded()),
        file_count=len(index.files),
        same=old.digest == new.digest,
        version_raised=new.manifest.version > old.manifest.version,
    )


def _by_id(read: Pack) -> dict[str, Faq | Guide]:
    return {entry.item.id: entry.item for entry in read.entries}


def _items(
    before: Mapping[str, Faq | Guide], after: Mapping[str, Faq | Guide], names: list[str]
) -> Iterator[Changed]:
    for name in names:
        found = tuple(_changes(before[name], after[name], type(after[name])))
        if found:
            yield Changed(name, after[name].title, found)


def _reheard(old: Pack, new: Pack, names: list[str]) -> Iterator[Changed]:
    before, after = _by_id(old), _by_id(new)
    for name in names:
        wrote, writes = _spoken(before[name]), _spoken(after[name])
        was = _spoken(resolved(before[name], old.site))
        now = _spoken(resolved(after[name], new.site))
        heard = tuple(
            Change(field, "播报", was[field], now[field])
            for field in now
            if wrote.get(field) == writes[field] and was[field] != now[field]
        )
        if heard:
            yield Changed(name, after[name].title, heard)


def _spoken(item: Faq | Guide) -> dict[str, str]:
    """What is said, by field."""
    english = {"en.spoken": item.en.spoken} if item.en else {}
    return {"spoken": item.spoken, **english}


def _files(old: Pack, new: Pack) -> Iterator[Changed]:
    pairs: tuple[tuple[str, str, Any, Any, Shape], ...] = (
        ("manifest.yaml", "知识包", old.manifest, new.manifest, Manifest),
        ("site.yaml", "大厅", old.site, new.site, Site),
        ("notices.yaml", "通知", list(old.notices), list(new.notices), Notice),
        ("lexicon.yaml", "词库", list(old.lexicon), list(new.lexicon), Term),
    )
    for name, title, was, now, shape in pairs:
        found = tuple(_changes(was, now, shape))
        if found:
            yield Changed(name, title, found)


def _travels(before: Mapping[str, bytes], index: built.Index) -> Iterator[Travel]:
    held = {built.sha256(part) for raw in before.values() for part in built.pieces(raw)}
    for name, pieces in index.files.items():
        new = sum(size for sha, size in pieces if sha not in held)
        if new:
            yield Travel(name, new, sum(size for _, size in pieces))


def _changes(old: Any, new: Any, shape: Shape) -> Iterator[Change]:
    for at, was, now in _leaves(_plain(old), _plain(new), ()):
        field = ".".join(str(part) for part in at)
        yield Change(field, messages.title(shape, at), was, now)


class _Rows(dict[Any, Any]):
    """A list's rows by their name."""


def _plain(value: Any) -> Any:
    """Nested dicts with text at the leaves."""
    match value:
        case BaseModel():
            return {name: _plain(each) for name, each in value if each is not None}
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return _rows(value)
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def _rows(rows: list[Any]) -> _Rows:
    """Rows by what names them, so that one put in between leaves the others alone."""
    named = _Rows()
    for number, row in enumerate(rows, 1):
        names = (getattr(row, key, None) for key in ("id", "name", "term", "text"))
        name = row if isinstance(row, str) else next((n for n in names if n), number)
        named[name if name not in named else f"{name} ({number})"] = _plain(row)
    return named


def _leaves(old: Any, new: Any, at: Place) -> Iterator[tuple[Place, str | None, str | None]]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield at, _shown(old), _shown(new)
        return
    if at and at[-1] in _IN_TURN:
        yield from _order(old, new, at)
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        # A row that is a text is its own name: the list's name says enough.
        own = isinstance(new, _Rows) and isinstance(now or was, str)
        yield from _leaves(was, now, at if own else (*at, key))


def _order(
    old: Mapping[Any, Any], new: Mapping[Any, Any], at: Place
) -> Iterator[tuple[Place, str, str]]:
    was, now = [key for key in old if key in new], [key for key in new if key in old]
    if was != now:
        yield at, _joined(was), _joined(now)


def _joined(names: list[Any]) -> str:
    return " → ".join(str(name) for name in names)


def _shown(value: Any) -> str | None:
    """A leaf, or all that a row held."""
    if isinstance(value, dict):
        return ", ".join(f"{_shown(each)}" for each in value.values() if each)
    return None if value is None else str(value)
