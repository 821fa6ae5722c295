"""The model cache on this device's disk: `<cache>/<pack>/<file>`, and whether it is sound.

A file is sound when its sha256 is the one expected. Hashing 145 MB at every start would cost
a second, so the outcome is remembered beside the files with each file's size and time of
change; a file that changed is hashed again, and `verify` trusts no memory at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fleet.errors import KioskError
from models.catalog import Pack, is_safe

MARKER = ".verified.json"
"""What was hashed: {file: [sha256, size in bytes, mtime in ns]}."""
TRUSTED = ".trusted.json"
"""For a pack without known hashes: what came when it was pulled with --unverified."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must be."""

    name: str
    """Below the pack's folder, with `/`."""
    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


def cache_root() -> Path:
    """`KIOSK_MODELS`, else `lobby-kiosk/models` in the user's cache. Raises KioskError."""
    if named := os.environ.get("KIOSK_MODELS"):
        return Path(named).expanduser()
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(xdg) if Path(xdg).is_absolute() else Path.home() / ".cache"
    except RuntimeError as error:
        hint = "set KIOSK_MODELS to the folder of the models"
        raise KioskError("input", f"this user has no home folder; {hint}") from error
    return base / "lobby-kiosk" / "models"


def sha256_of(path: Path) -> str:
    """Of a file's content, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class PackFolder:
    """The place of one pack in the cache."""

    def __init__(self, root: Path, pack: Pack) -> None:
        self.pack = pack
        self.path = root / pack.name

    def expected(self) -> tuple[Expected, ...] | None:
        """What must lie here; None while the catalogue does not know and nothing was pulled."""
        if self.pack.files and self.pack.hashes_known:
            return tuple(self._from_catalog())
        return self._from_trust()

    def faults(self) -> list[Fault]:
        """What is missing or wrong; cheap when nothing changed since it was last hashed."""
        expected = self.expected()
        if expected is None:
            return [Fault(self.pack.name, "was never pulled")]
        seen = self._load_marker()
        fresh = dict(seen)
        found = [self._check(file, fresh) for file in expected]
        if fresh != seen:
            self._save_marker(fresh)
        return [fault for fault in found if fault is not None]

    def verify(self) -> list[Fault]:
        """What is missing or wrong, everything hashed afresh."""
        expected = self.expected()
        if expected is None:
            return [Fault(self.pack.name, "was never pulled")]
        fresh: dict[str, Any] = {}
        found = [self._check(file, fresh) for file in expected]
        if self.path.is_dir():
            self._save_marker(fresh)
        return [fault for fault in found if fault is not None]

    def state(self) -> Literal["ready", "partial", "missing"]:
        """By names and sizes alone, without hashing anything."""
        expected = self.expected() or ()
        sizes = [self._size(file.name) for file in expected]
        if not any(size is not None for size in sizes):
            return "missing"
        whole = all(size == file.size for size, file in zip(sizes, expected, strict=True))
        return "ready" if whole else "partial"

    def present(self) -> bool:
        """Whether any of the pack's files is here."""
        return self.state() != "missing"

    def trust(self, files: list[Expected], archive_sha256: str | None = None) -> None:
        """Take `files` for what this pack must be from now on. Raises OSError."""
        record = {
            "archive_sha256": archive_sha256,
            "files": {file.name: [file.sha256, file.size] for file in files},
        }
        _write(self.path / TRUSTED, record)

    def _from_catalog(self) -> Iterator[Expected]:
        for file in self.pack.files:
            if file.sha256 and file.size:
                yield Expected(file.name, file.sha256, file.size)

    def _from_trust(self) -> tuple[Expected, ...] | None:
        record = _load(self.path / TRUSTED)
        tree = self.pack.tree
        if tree and tree.sha256 and record.get("archive_sha256") != tree.sha256:
            return None
        try:
            return tuple(
                Expected(name, str(sha256), int(size))
                for name, (sha256, size) in record["files"].items()
                if is_safe(name)
            )
        except (KeyError, AttributeError, TypeError, ValueError):
            return None

    def _check(self, file: Expected, seen: dict[str, Any]) -> Fault | None:
        """Look at one file; `seen` is what is remembered and is brought up to date."""
        path = self.path / file.name
        try:
            stat = path.stat()
            if stat.st_size != file.size:
                seen.pop(file.name, None)
                return Fault(file.name, f"has {stat.st_size} bytes instead of {file.size}")
            memory = [stat.st_size, stat.st_mtime_ns]
            if seen.get(file.name, [""])[1:] != memory:
                seen[file.name] = [sha256_of(path), *memory]
        except FileNotFoundError:
            seen.pop(file.name, None)
            return Fault(file.name, "is missing")
        except OSError as error:
            return Fault(file.name, f"cannot be read ({error.strerror})")
        if seen[file.name][0] != file.sha256:
            return Fault(file.name, "is damaged or another version (wrong sha256)")
        return None

    def _size(self, name: str) -> int | None:
        try:
            return (self.path / name).stat().st_size
        except OSError:
            return None

    def _load_marker(self) -> dict[str, Any]:
        marks = _load(self.path / MARKER)
        return {name: mark for name, mark in marks.items() if isinstance(mark, list) and mark}

    def _save_marker(self, marks: dict[str, Any]) -> None:
        # A read-only cache is legitimate: it only costs the hashing at each start.
        with suppress(OSError):
            _write(self.path / MARKER, marks)


def _load(path: Path) -> dict[str, Any]:
    """A JSON object, empty if there is none to be read: then everything is hashed again."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _write(path: Path, data: dict[str, Any]) -> None:
    """Replace a JSON file at once. Raises OSError."""
    # Its own name for each writer: engines in several processes may remember at once.
    new = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with new.open("w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            # A record of trust that a power cut emptied would cost a pull without a network.
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
