"""The content that a kiosk has already: what is installed, or the pack that it came with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge import built
from knowledge import pack as packs
from knowledge.built import Index
from knowledge.reader import Reader
from knowledge.schema import Manifest
from terminal.errors import KioskError


class Holdings:
    """An index, and the pieces that it names."""

    def __init__(self, raw: bytes, index: Index, pieces: Mapping[str, bytes]) -> None:
        """`raw`: the index, byte for byte."""
        self.raw = raw
        self.index = index
        self._pieces = pieces

    def piece(self, sha: str) -> bytes | None:
        """One of the pieces; or the index itself."""
        return self._pieces.get(sha)


def holdings(pack: Path) -> Holdings | None:
    """Of a pack's folder or index; None if it cannot be read."""
    try:
        contents, problems = packs.contents(pack)
        if problems:
            return None
        manifest = Reader(contents).whole("manifest.yaml", Manifest)
    except KioskError:
        return None
    if manifest is None:
        return None
    index = built.index_of(manifest.id, manifest.version, contents)
    pieces = {
        built.sha256(piece): piece for raw in contents.values() for piece in built.pieces(raw)
    }
    return Holdings(index.encoded(), index, pieces)


def likely_bases(index: Index, before: Index) -> dict[str, str]:
    """New piece -> the old one of the same file that stands where it does.

    What is equal at a file's beginning and end is left out, so that an inserted row shifts nothing.
    """
    found: dict[str, str] = {}
    for name, pieces in index.files.items():
        new = [sha for sha, _ in pieces]
        old = [sha for sha, _ in before.files.get(name, [])]
        new, old = _changed(new, old)
        for at, sha in enumerate(new):
            if old:
                found.setdefault(sha, old[min(at, len(old) - 1)])
    return found


def _changed(new: Sequence[str], old: Sequence[str]) -> tuple[list[str], list[str]]:
    """Without their common beginning and end; an old piece stays, for what was put between."""
    same = 0
    while same < min(len(new), len(old)) and new[same] == old[same]:
        same += 1
    tail = 0
    while tail < min(len(new), len(old)) - same and new[-1 - tail] == old[-1 - tail]:
        tail += 1
    left = list(old[same : len(old) - tail]) or list(old[max(0, same - 1) : same + 1])
    return list(new[same : len(new) - tail]), left
