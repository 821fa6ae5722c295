"""The packs that were installed: pieces by sha256, indexes, and one pointer to what is in use.

    blobs/<sha256>             as `knowledge.built` has them
    gov-hall@3-<digest>.json   an index
    current.json               the pack in use, and the one before it

Only the pointer says what is in use, and it is written last.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from fleet.messages import PackName
from knowledge import built
from knowledge import pack as packs
from knowledge.built import Index
from knowledge.pack import Pack
from terminal.errors import KioskError
from terminal.sync.disk import TEMPORARY, Disk

log = logging.getLogger(__name__)

POINTER = "current.json"


class Installed(BaseModel):
    """A pack in the store."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    pack: PackName
    right_percent: float | None = None
    """Of its own questions, answered right by this kiosk."""


class Pointer(BaseModel):
    """current.json"""

    model_config = ConfigDict(extra="ignore", frozen=True)

    current: Installed
    previous: Installed | None = None
    """None: the pack that the kiosk came with."""


@dataclass(frozen=True, slots=True)
class Usable:
    """A pack that was found whole."""

    pack: Pack
    index: Path
    installed: Installed


class PackStore:
    """One folder. Belongs to one thread at a time."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()

    def pointer(self) -> Pointer | None:
        """What is in use; None: the pack that the kiosk came with."""
        try:
            return Pointer.model_validate_json((self.folder / POINTER).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.error("%s: damaged (%s); as if nothing was installed", self.folder, type(error))
            return None

    @property
    def has_pointer(self) -> bool:
        """Whether a pack was installed, readable or not."""
        return (self.folder / POINTER).exists()

    def index_path(self, pack: PackName) -> Path:
        """Where its index lies, or will."""
        return self.folder / f"{pack.label}-{pack.digest[:16]}.json"

    def open(self) -> Usable | None:
        """The pack in use, every hash verified, or else the one before it; None: neither."""
        pointer = self.pointer()
        if pointer is None:
            return None
        for each in (pointer.current, pointer.previous):
            if each is None:
                continue
            try:
                usable = self._opened(each)
            except KioskError as error:
                log.error("%s cannot be used: %s", each.pack.label, error.message)
                continue
            if each is not pointer.current:
                self._point_if_it_can_be(Pointer(current=each))
            return usable
        return None

    def missing(self, index: Index) -> list[tuple[str, str, int]]:
        """File, sha256 and size of each piece that is not there whole."""
        found: dict[str, tuple[str, str, int]] = {}
        for name, pieces in index.files.items():
            for sha, size in pieces:
                if sha not in found and not self._holds(sha, size):
                    found[sha] = (name, sha, size)
        return list(found.values())

    def piece(self, sha: str) -> bytes | None:
        """One piece, if it is there whole."""
        try:
            content = (self.folder / built.BLOBS / sha).read_bytes()
        except OSError:
            return None
        return content if built.sha256(content) == sha else None

    def put_piece(self, sha: str, content: bytes) -> None:
        """A verified piece."""
        self._disk.folder(self.folder / built.BLOBS)
        self._disk.put(self.folder / built.BLOBS / sha, content)

    def put_index(self, pack: PackName, raw: bytes) -> Path:
        """A verified index, byte for byte."""
        path = self.index_path(pack)
        self._disk.folder(self.folder)
        self._disk.put(path, raw)
        return path

    def commit(self, pack: PackName, right_percent: float | None) -> None:
        """From now on this pack is in use; the one before is kept."""
        pointer = self.pointer()
        before = pointer.current if pointer else None
        if before is not None and before.pack == pack:
            before = pointer.previous if pointer else None
        self._point(
            Pointer(current=Installed(pack=pack, right_percent=right_percent), previous=before)
        )

    def go_back(self) -> Installed | None:
        """To the pack before this one; None: that is the one that the kiosk came with."""
        pointer = self.pointer()
        previous = pointer.previous if pointer else None
        if previous is None:
            self._disk.remove(self.folder / POINTER)
            return None
        self._opened(previous)
        self._point(Pointer(current=previous))
        return previous

    def collect(self) -> None:
        """Remove what no pack that is kept needs."""
        pointer = self.pointer()
        kept = [each for each in (pointer.current, pointer.previous) if each] if pointer else []
        indexes = {self.index_path(each.pack) for each in kept}
        wanted: set[str] = set()
        for path in indexes:
            try:
                index = built.open_index(path)
            except KioskError:
                return  # Damaged: better nothing than something too much.
            wanted |= {sha for pieces in index.files.values() for sha, _ in pieces}
        for path in self._strays(indexes, wanted):
            self._disk.remove(path)

    def _strays(self, indexes: set[Path], wanted: set[str]) -> Iterator[Path]:
        yield from self.folder.glob(f"{TEMPORARY}*")
        yield from (path for path in self.folder.glob("*@*.json") if path not in indexes)
        blobs = self.folder / built.BLOBS
        yield from (path for path in blobs.glob("*") if path.name not in wanted)
        yield from blobs.glob(f"{TEMPORARY}*")

    def _opened(self, each: Installed) -> Usable:
        path = self.index_path(each.pack)
        pack = packs.load(path)
        if (pack.manifest.id, pack.manifest.version, pack.digest) != (
            each.pack.id,
            each.pack.version,
            each.pack.digest,
        ):
            raise KioskError("input", f"{path}: is another pack than its pointer says")
        return Usable(pack, path, each)

    def _holds(self, sha: str, size: int) -> bool:
        content = self.piece(sha)
        return content is not None and len(content) == size

    def _point_if_it_can_be(self, pointer: Pointer) -> None:
        """A full or read-only disk costs the next start this search again, not the kiosk."""
        try:
            self._point(pointer)
        except (KioskError, OSError) as error:
            log.warning("%s: %s cannot be written (%s)", self.folder, POINTER, error)

    def _point(self, pointer: Pointer) -> None:
        self._disk.put(self.folder / POINTER, pointer.model_dump_json(indent=1).encode())
