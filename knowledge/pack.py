"""A knowledge pack in memory: read, checked against the schema, references filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from fleet.errors import KioskError
from knowledge import built, files, refs
from knowledge.places import Document, Place
from knowledge.problem import Problem
from knowledge.reader import Reader
from knowledge.schema import English, Faq, Guide, Manifest, Notice, Site, Term

BUILT_IN = Path(__file__).parent / "packs"

RecordShape = TypeVar("RecordShape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item and the place where it stands."""

    item: Faq | Guide
    document: Document = field(repr=False)
    path: Place = ()

    def problem(self, message: str, *at: str | int, warning: bool = False) -> Problem:
        """A problem with a field of this item."""
        line = self.document.line((*self.path, *at))
        return Problem(self.document.name, line, f"{self.item.id}: {message}", warning)


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole pack. Items as their authors wrote them are in `entries`; `items()` fills them in."""

    manifest: Manifest
    site: Site
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...]
    """With their references filled in."""
    lexicon: tuple[Term, ...]
    digest: str
    """sha256 over the files' names and contents."""
    documents: Mapping[str, Document] = field(repr=False)
    """Where everything stands, by file."""

    @property
    def label(self) -> str:
        """As shown and reported: gov-hall@3."""
        return f"{self.manifest.id}@{self.manifest.version}"

    def items(self) -> Iterator[Faq | Guide]:
        """All items with their references filled in."""
        for entry in self.entries:
            yield resolved(entry.item, self.site)

    def problem(self, file: str, message: str, *at: str | int, warning: bool = False) -> Problem:
        """A problem with a value of one of the pack's files."""
        return Problem(file, self.documents[file].line(at), message, warning)


def resolved(record: RecordShape, site: Site) -> RecordShape:
    """`record` with every ``{reference}`` in its texts filled in, in the text's own language."""
    own_window = getattr(record, "window", None)
    chinese = refs.values(site, own_window)
    english = refs.values(site, own_window, "en")

    def fill(value: Any, known: Mapping[str, str]) -> Any:
        match value:
            case str():
                return refs.expand(value, known)
            case English(screen=None):
                return fill(value.model_copy(update={"screen": value.spoken}), english)
            case BaseModel():
                known = english if isinstance(value, English) else known
                return value.model_copy(update={k: fill(v, known) for k, v in value})
            case list():
                return [fill(each, known) for each in value]
            case dict():
                return {key: fill(each, known) for key, each in value.items()}
        return value

    filled: RecordShape = fill(record, chinese)
    return filled.model_copy(update={"window": own_window}) if own_window else filled


def find(name: str) -> Path:
    """The folder of a pack, or its index file: a path, or the name of one that ships with us."""
    for path in (Path(name), BUILT_IN / name):
        if files.is_file(path / "manifest.yaml") or built.locate(path) is not None:
            return path
    known = ", ".join(each.name for each in samples())
    raise KioskError(
        "input", f"pack {name!r} not found: give a folder with manifest.yaml, or one of {known}"
    )


def samples() -> list[Path]:
    """The folders of the packs that ship with the kiosk."""
    return sorted(each for each in BUILT_IN.iterdir() if (each / "manifest.yaml").is_file())


def load(folder: Path) -> Pack:
    """Read a pack for use: a folder, or a built pack's folder or index, every hash verified.

    KioskError with the first problem's file and line.
    """
    pack, problems = read(folder)
    if pack is None:
        more = f" (and {len(problems) - 1} more; run: kiosk pack lint {folder})"
        raise KioskError(
            "input", f"pack {folder.name}: {problems[0]}{more if len(problems) > 1 else ''}"
        )
    return pack


def read(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """Read every file; the pack, or None with all that is wrong with its shape."""
    pack, problems = draft(*contents(folder))
    return (None, problems) if problems else (pack, [])


def contents(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of a pack's files by name, of a folder or a built pack, and what is unreadable.

    KioskError if a built pack is not what its index says.
    """
    index_path = built.locate(folder)
    if index_path is None:
        return files.contents(folder)
    index, raw = built.contents(index_path)
    manifest = Reader(raw).whole("manifest.yaml", Manifest)
    if manifest is None or (manifest.id, manifest.version) != (index.id, index.version):
        said = f"its manifest.yaml is not that of {index.id}@{index.version}"
        raise KioskError("input", f"{index_path}: {said}; build the pack again")
    return raw, []


def draft(
    raw: Mapping[str, bytes], unread: Sequence[Problem] = ()
) -> tuple[Pack | None, list[Problem]]:
    """What can be read of a pack, and all that cannot; None without a manifest and a site."""
    reader = Reader(raw, unread)
    manifest = reader.needed("manifest.yaml", Manifest)
    site = reader.needed("site.yaml", Site)
    entries: list[Entry] = []
    for name, document in reader.documents.items():
        if name == "faq.yaml" or name.startswith(f"{files.QUESTIONS}/"):
            entries += [Entry(faq, document, (index,)) for index, faq in reader.rows(name, Faq)]
    for name, document in reader.documents.items():
        guide = reader.whole(name, Guide) if name.startswith(f"{files.GUIDES}/") else None
        entries += [Entry(guide, document)] if guide is not None else []
    notices = reader.rows("notices.yaml", Notice)
    lexicon = reader.rows("lexicon.yaml", Term)
    if manifest is None or site is None:
        return None, reader.problems
    pack = Pack(
        manifest,
        site,
        tuple(entries),
        tuple(resolved(notice, site) for _, notice in notices),
        tuple(term for _, term in lexicon),
        built.digest(raw),
        reader.documents,
    )
    return pack, reader.problems
