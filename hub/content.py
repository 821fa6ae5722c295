"""The shelf that kiosks are served from: TUF metadata, indexes of packs, and their pieces.

    content/metadata/1.root.json  7.targets.json  9.snapshot.json  timestamp.json
    content/targets/packs/gov-hall@3.json        an index: a target of TUF
    content/targets/packs/blobs/<sha256>         a piece: known by a signed index

Reading needs no lock: every file is wholly there or not at all, and `timestamp.json`, written
last, is what makes a new version real.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from fleet.errors import KioskError
from fleet.messages import PackName
from knowledge import built

FOLDER = "content"
Role = TypeVar("Role", Root, Targets, Snapshot, Timestamp)

_METADATA = re.compile(r"metadata/(?:(?:[0-9]{1,9}\.)(?:root|snapshot|targets)|timestamp)\.json")
_INDEX = re.compile(
    r"targets/packs/(?:[0-9a-f]{64}\.)?(?P<label>[a-z][a-z0-9-]{0,63}@[0-9]{1,10})\.json"
)
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Published:
    """The newest metadata, all of it verified to belong together."""

    root: Metadata[Root]
    targets: Metadata[Targets]
    snapshot: Metadata[Snapshot]
    timestamp: Metadata[Timestamp]

    def labels(self) -> list[tuple[str, int]]:
        """What may be installed: ids and versions, in order."""
        return sorted(map(_label, self.targets.signed.targets))


@dataclass
class Content:
    """Files by their names on the wire. Names that are not of the form are not there."""

    folder: Path
    _by_sha: dict[str, Path] = field(default_factory=dict)
    _seen: tuple[int, int] = (0, 0)

    @property
    def metadata(self) -> Path:
        """Folder of TUF's metadata."""
        return self.folder / "metadata"

    @property
    def packs(self) -> Path:
        """Folder of indexes and of their pieces."""
        return self.folder / "targets" / "packs"

    @property
    def blobs(self) -> Path:
        """Folder of pieces."""
        return self.packs / built.BLOBS

    def read(self, name: str) -> bytes | None:
        """What a kiosk asks for by name; None if there is no such thing."""
        if _METADATA.fullmatch(name):
            return _bytes(self.folder / name)
        index = _INDEX.fullmatch(name)
        return _bytes(self.packs / f"{index['label']}.json") if index else None

    def piece(self, sha: str) -> bytes | None:
        """A piece of a pack."""
        return _bytes(self.blobs / sha) if _SHA.fullmatch(sha) else None

    def base(self, sha: str) -> bytes | None:
        """Whatever has this sha256: what a kiosk may have, for a difference from it."""
        found = self.piece(sha)
        if found is not None:
            return found
        path = self._names().get(sha)
        raw = _bytes(path) if path else None
        return raw if raw is not None and built.sha256(raw) == sha else None

    def published(self) -> Published:
        """The metadata in force; KioskError if it is not whole."""
        root = self.root()
        timestamp = self.load("timestamp", Timestamp)
        snapshot = self.load(f"{timestamp.signed.snapshot_meta.version}.snapshot", Snapshot)
        targets = self.load(f"{snapshot.signed.meta['targets.json'].version}.targets", Targets)
        return Published(root, targets, snapshot, timestamp)

    def root(self) -> Metadata[Root]:
        """The newest."""
        versions = [int(path.name.split(".")[0]) for path in self.metadata.glob("*.root.json")]
        if not versions:
            raise KioskError("missing", f"{self.metadata}: no root.json; run kiosk hub init")
        return self.load(f"{max(versions)}.root", Root)

    def load(self, name: str, kind: type[Role]) -> Metadata[Role]:
        """One file of metadata."""
        path = self.metadata / f"{name}.json"
        raw = _bytes(path)
        if raw is None:
            raise KioskError("missing", f"{path}: is missing; restore the folder from a copy")
        try:
            found = cast("Metadata[Role]", Metadata.from_bytes(raw))
        except RepositoryError as error:
            raise KioskError("input", f"{path}: damaged; restore it from a copy") from error
        if found.signed.type != kind.type:
            raise KioskError("input", f"{path}: is {found.signed.type}, not {kind.type}")
        return found

    def index(self, label: str) -> built.Index:
        """The index of a published pack."""
        return built.open_index(self.packs / f"{label}.json")

    def pack(self, label: str) -> PackName | None:
        """A published pack's exact name; None if it was never published, or is gone."""
        if target_name(label) not in self.published().targets.signed.targets:
            return None
        index = self.index(label)
        return PackName(id=index.id, version=index.version, digest=index.digest)

    def holds(self, pack: PackName) -> bool:
        """Whether this very pack can be had."""
        return self.pack(pack.label) == pack

    def _names(self) -> dict[str, Path]:
        """Metadata and indexes by sha256, read again when anything was published."""
        try:
            stat = (self.metadata / "timestamp.json").stat()
        except FileNotFoundError:
            return {}
        seen = (stat.st_ino, stat.st_mtime_ns)
        if seen != self._seen:
            paths = [*self.metadata.glob("*.json"), *self.packs.glob("*.json")]
            self._by_sha = {built.sha256(raw): path for path in paths if (raw := _bytes(path))}
            self._seen = seen
        return self._by_sha


def target_name(label: str) -> str:
    """TUF's name of a pack's index."""
    return f"packs/{label}.json"


def target_file(index: built.Index) -> TargetFile:
    """What `targets` says of an index."""
    raw = index.encoded()
    name = target_name(f"{index.id}@{index.version}")
    return TargetFile(len(raw), {"sha256": built.sha256(raw)}, name)


def _label(name: str) -> tuple[str, int]:
    pack_id, _, version = name.removeprefix("packs/").removesuffix(".json").rpartition("@")
    return pack_id, int(version)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return None
