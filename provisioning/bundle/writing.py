"""Writing a bundle's folder, so that it can be cut off at any point and run again.

A file appears under its name only whole. What is there and right is kept, the signature comes
last, and until then the folder holds a mark that it is unfinished.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fleet.errors import KioskError
from models.archive import BLOCK_BYTES
from models.cache import sha256_of
from models.progress import Meter, Reporter, megabytes
from provisioning.bundle import manifest, sums
from provisioning.bundle.contents import SITE, Item

UNFINISHED = ".unfinished"
"""Marks a folder in which a bundle is being made, or whose making was cut off."""
PART = ".part"
OWN = {"install.sh", manifest.FILE, sums.FILE, sums.SIGNATURE, "bundle.pub"}
"""Names on top that are a bundle's own."""
OWN_FOLDERS = {"wheels", "debs", "models", "packs", SITE}
FOREIGN = {"System Volume Information", "lost+found", "$RECYCLE.BIN", ".Spotlight-V100"}
FOREIGN |= {".fseventsd", ".Trashes", ".TemporaryItems"}
"""What systems leave on top of every stick, and nobody means."""
SPARE_BYTES = 4_000_000
"""For folders and the blocks' rounding on a small stick, over a block for each file."""
BLOCK = 32_768
"""Of a large FAT stick: each file takes whole ones."""


def is_foreign(name: str) -> bool:
    """Whether a name on top of a stick is its system's."""
    return name in FOREIGN or name.startswith(".Trash-")


@dataclass(frozen=True, slots=True)
class Disk:
    """How files reach the stick."""

    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def write(self, item: Item, target: Path, meter: Meter) -> None:
        """The item under its name, whole and on the medium. OSError, ValueError."""
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + PART)
        try:
            with part.open("wb") as out:
                found = hashlib.sha256()
                for block in _blocks(item.source):
                    found.update(block)
                    out.write(block)
                    meter(out.tell())
                out.flush()
                os.fsync(out.fileno())
                # So that a check reads the medium, and not this machine's memory of it.
                os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            if found.hexdigest() != item.sha256:
                raise ValueError(f"{item.name}: changed while it was copied")
            part.replace(target)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise

    def remove(self, path: Path) -> None:
        """A file that does not belong there. OSError."""
        path.unlink()


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes a folder hold certain items, and no others."""

    out: Path
    reporter: Reporter
    disk: Disk = Disk()

    def check_place(self) -> None:
        """KioskError for a folder that is somebody else's."""
        if not self.out.exists():
            return
        if not self.out.is_dir():
            raise KioskError("input", f"--out {self.out}: is no folder")
        names = {path.name for path in self.out.iterdir() if not is_foreign(path.name)}
        ours = UNFINISHED in names or manifest.FILE in names
        strange = {name.removesuffix(PART) for name in names} - OWN - OWN_FOLDERS - {UNFINISHED}
        if names and (strange or not ours):
            which = min(strange or names)
            raise KioskError(
                "input",
                f"--out {self.out}: holds other things ({which}); name an empty or a new folder",
            )

    def missing(self, items: Sequence[Item]) -> list[Item]:
        """Those that are not there or not right. Hashes what is there. OSError."""
        there = [item for item in items if self._size(item) == item.size]
        total, done = sum(item.size for item in there), 0
        right = set()
        with self.reporter.meter("looking at what is there already", total) as meter:
            for item in there:
                if sha256_of(self.out / item.name) == item.sha256:
                    right.add(item.name)
                meter(done := done + item.size)
        return [item for item in items if item.name not in right]

    def extras(self, items: Sequence[Item]) -> list[Path]:
        """Files of an earlier bundle that are none of these; of the site's, none."""
        names = {item.name for item in items} | {sums.FILE, sums.SIGNATURE, UNFINISHED}
        found = []
        for path in files_below(self.out):
            name = path.relative_to(self.out).as_posix()
            top = name.partition("/")[0]
            if name not in names and top != SITE and not is_foreign(top):
                found.append(path)
        return found

    def require_room(self, wanted: Sequence[Item]) -> None:
        """KioskError with figures if the disk is too small for what is missing."""
        needed = sum(item.size + BLOCK - item.size % BLOCK for item in wanted) + SPARE_BYTES
        # What is replaced lies there until its successor is whole, so it counts for nothing.
        free = self.disk.free_bytes(self.out)
        if free < needed:
            raise KioskError(
                "missing",
                f"--out {self.out}: needs {megabytes(needed)} more, {megabytes(free)} are free; "
                "empty the stick or take a larger one, then run the same command again",
            )

    def write(self, items: Sequence[Item]) -> None:
        """Each of the items, with the progress shown. OSError, ValueError."""
        total, done = sum(item.size for item in items), 0
        with self.reporter.meter(f"writing {self.out}", total) as meter:
            for item in items:
                self.disk.write(item, self.out / item.name, partial(_shifted, meter, done))
                done += item.size

    def _size(self, item: Item) -> int | None:
        path = self.out / item.name
        try:
            return path.lstat().st_size if path.is_file() and not path.is_symlink() else None
        except OSError:
            return None


def files_below(folder: Path) -> Iterator[Path]:
    """Everything that is no folder, links too, in order; links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted([*names, *(f for f in folders if Path(place, f).is_symlink())]):
            yield Path(place, name)


def explain(out: Path, error: OSError) -> KioskError:
    """One line for what a stick does."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        why = "the disk is full; empty it or take a larger one"
    elif error.errno == errno.EROFS:
        why = "it can only be read; unlock the stick's switch or mount it for writing"
    elif error.errno == errno.EFBIG:
        why = f"{error.filename}: too large a file for it; format the stick as exFAT"
    elif error.errno in (errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT):
        why = f"it is gone or broken ({error.strerror}); put the stick in again or take another"
    else:
        why = f"{error.strerror or error} ({error.filename})"
    return KioskError("missing", f"--out {out}: {why}, then run the same command again")


def _shifted(meter: Meter, before: int, written: int) -> None:
    meter(before + written)


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block
