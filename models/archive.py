"""Wheels, tarballs and zip files as boxes of named members. Nothing in them is ever run."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from typing import IO

from models.catalog import is_safe

BLOCK_BYTES = 1 << 20
DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    LZMAError,
    EOFError,
    # What zipfile raises for encryption and for methods it does not know.
    RuntimeError,
)


class SourceError(Exception):
    """One source could not give a file; another may. The message is part of a line."""


@contextmanager
def readable(archive: Path) -> Iterator[None]:
    """Turn whatever a broken archive causes into SourceError."""
    try:
        yield
    except KeyError as error:
        raise SourceError(f"{archive.name} does not hold what was expected: {error}") from error
    except DAMAGE as error:
        raise SourceError(f"{archive.name} is damaged or cut short ({error})") from error


@contextmanager
def open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """Read one member of a zip file or a tarball. Raises SourceError."""
    with readable(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as box, box.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive) as tar:
                yield _regular(tar, tar.getmember(member))


def is_sound(archive: Path) -> bool:
    """Whether `archive` can be opened: a download that was cut off cannot."""
    try:
        with readable(archive):
            if zipfile.is_zipfile(archive):
                zipfile.ZipFile(archive).close()
            else:
                with tarfile.open(archive) as tar:
                    tar.getmembers()
    except (SourceError, OSError):
        return False
    return True


def unpack(archive: Path, folder: str, target: Path, room: Callable[[int], None]) -> list[str]:
    """Write every file below `folder` of `archive` into `target`; give their names.

    `room` is called with the bytes that will be needed and may refuse by raising. Links,
    devices and names that lead outside are refused. Raises SourceError, OSError.
    """
    with readable(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as box:
                sizes = {i.filename: i.file_size for i in box.infolist() if not i.is_dir()}
                return _unpack(sizes, box.open, folder, target, room)
        with tarfile.open(archive) as tar:
            files = {m.name.removeprefix("./"): m for m in tar.getmembers() if not m.isdir()}
            sizes = {name: member.size for name, member in files.items()}
            return _unpack(sizes, lambda n: _regular(tar, files[n]), folder, target, room)


def _unpack(
    sizes: dict[str, int],
    open_one: Callable[[str], IO[bytes]],
    folder: str,
    target: Path,
    room: Callable[[int], None],
) -> list[str]:
    prefix = folder.rstrip("/") + "/"
    wanted = {name: name.removeprefix(prefix) for name in sizes if name.startswith(prefix)}
    for name, short in wanted.items():
        if not is_safe(short):
            raise SourceError(f"the archive holds an unsafe name: {name!r}")
    room(sum(sizes[name] for name in wanted))
    for name, short in wanted.items():
        path = target / short
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_one(name) as stream, path.open("wb") as out:
            copy(stream, out, sizes[name])
    return sorted(wanted.values())


def _regular(box: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = box.extractfile(member) if member.isfile() else None
    if stream is None:
        raise SourceError(f"{member.name} in the archive is not a plain file")
    return stream


def copy(
    stream: IO[bytes],
    out: IO[bytes],
    limit: int | None,
    meter: Callable[[int], None] = lambda _: None,
) -> None:
    """Copy at most `limit` bytes; more is an error. Raises SourceError."""
    done = 0
    while block := stream.read(BLOCK_BYTES):
        done += len(block)
        if limit is not None and done > limit:
            raise SourceError(f"more than the expected {limit} bytes")
        out.write(block)
        meter(done)
