"""`kiosk pack build`: a pack's folder -> the same pack as an index and content-addressed pieces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fleet.errors import KioskError
from knowledge import atomic, built, lint, pack
from knowledge.built import Index
from knowledge.pack import Pack
from knowledge.speech import CanSay, plain_text


@dataclass(frozen=True, slots=True)
class Build:
    """What a build left in its folder."""

    label: str
    """As Pack.label: gov-hall@3."""
    index: Path
    """The index file: what `pack.load` takes."""
    new_bytes: int
    """In pieces that the folder did not hold before, without the index."""
    total_bytes: int


def build(folder: Path, out: Path, today: date, unsayable: CanSay = plain_text) -> Build:
    """Build the pack in `folder` into `out`. The same input gives the same bytes.

    The index is written last, so `out` holds a whole version or none of it. A version that was
    built before with other content stays: KioskError.
    """
    source, unread = pack.contents(folder)
    checked, problems = lint.inspect(source, unread, today, unsayable)
    errors = [str(each) for each in problems if not each.warning]
    if checked is None or errors:
        raise _refused(folder, errors)
    index = built.index_of(checked.manifest.id, checked.manifest.version, source)
    path = out / index.file_name
    _refuse_other(path, index, checked)
    atomic.folder(out / built.BLOBS)
    wanted = {sha: part for raw in source.values() for sha, part in _named(raw)}
    missing = [sha for sha in wanted if not _held(path, sha, len(wanted[sha]))]
    for sha in missing:
        atomic.write(out / built.BLOBS / sha, wanted[sha])
    atomic.write(path, index.encoded())
    new = sum(len(wanted[sha]) for sha in missing)
    return Build(checked.label, path, new, sum(map(len, source.values())))


def _refused(folder: Path, errors: list[str]) -> KioskError:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return KioskError(
        "input", f"{folder}: {errors[0]}{more}; not built: see kiosk pack lint {folder}"
    )


def _refuse_other(path: Path, index: Index, made: Pack) -> None:
    if not path.exists():
        return
    try:
        before = built.open_index(path)
    except KioskError:
        return  # damaged: this build mends it
    if before.digest != index.digest:
        said = f"{made.label} was built before with other content"
        raise KioskError("input", f"{path}: {said}; raise version (版本号) in manifest.yaml")


def _named(raw: bytes) -> list[tuple[str, bytes]]:
    return [(built.sha256(part), part) for part in built.pieces(raw)]


def _held(path: Path, sha: str, size: int) -> bool:
    try:
        built.piece(path, sha, sha, size)
    except KioskError:
        return False
    return True
