"""A built pack: an index that names every file's pieces by sha256, and the pieces themselves.

    gov-hall@3.json         the index: format, id, version, digest, files -> [[sha256, size], …]
    blobs/<sha256>          one piece; the pieces of a file, joined, are the file

One folder holds any number of versions, and equal pieces are stored once. A long file is cut at
its rows, so a changed answer costs one piece of a few KB and the index, not the whole FAQ.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from fleet.errors import KioskError
from knowledge import files
from knowledge.fields import PackId
from knowledge.text import MAX_FILE_BYTES

BLOBS = "blobs"

CUT_BYTES = 2_000
"""A piece is at least so long, the last one apart; it ends before a row whose first line hashes
to an even number, so that an edit moves no boundary but its own."""

CUT_ALWAYS_BYTES = 4_000
"""A piece as long as this ends before the next row, whatever its hash."""

_ROW = re.compile(rb"(?m)^(?=- |\{)")
_MEND = "build or copy the pack again"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]


class Index(BaseModel):
    """What a built pack consists of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    id: PackId
    version: int = Field(ge=1)
    digest: Sha256
    """As Pack.digest: over the files' names and contents."""
    files: dict[str, list[tuple[Sha256, Size]]]
    """The pieces of each file, in order."""

    @property
    def file_name(self) -> str:
        """gov-hall@3.json"""
        return f"{self.id}@{self.version}.json"

    def encoded(self) -> bytes:
        """The one spelling of this index, a line for each file."""
        head = json.dumps(self.model_dump(exclude={"files"}), sort_keys=True).removesuffix("}")
        rows = ",\n".join(
            f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(pieces, separators=(',', ':'))}"
            for name, pieces in sorted(self.files.items())
        )
        return f'{head}, "files": {{\n{rows}\n}}}}\n'.encode()


def sha256(content: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def digest(contents: Mapping[str, bytes]) -> str:
    """sha256 over the files' names and contents."""
    lines = (f"{name} {sha256(content)}\n" for name, content in sorted(contents.items()))
    return sha256("".join(lines).encode())


def pieces(content: bytes) -> list[bytes]:
    """`content` cut at its rows; joined again it is the same."""
    found: list[bytes] = []
    begin = 0
    for row in _ROW.finditer(content):
        length = row.start() - begin
        if length >= CUT_ALWAYS_BYTES or (length >= CUT_BYTES and _cuts(content, row.start())):
            found.append(content[begin : row.start()])
            begin = row.start()
    return [*found, content[begin:]]


def index_of(pack_id: str, version: int, contents: Mapping[str, bytes]) -> Index:
    """The index of a pack with these files."""
    cut = {name: [(sha256(p), len(p)) for p in pieces(raw)] for name, raw in contents.items()}
    return Index(id=pack_id, version=version, digest=digest(contents), files=cut)


def locate(path: Path) -> Path | None:
    """The index that `path` means: the file itself, or the newest in the folder; None if none."""
    if path.suffix == ".json" and files.is_file(path):
        return path
    if files.is_folder(path) and not files.is_file(path / "manifest.yaml"):
        return _newest(path)
    return None


def _newest(path: Path) -> Path | None:
    found = sorted(_versions(path), key=lambda each: each[1])
    names = sorted({name for name, _, _ in found})
    if len(names) > 1:
        raise KioskError(
            "input", f"{path}: holds {', '.join(names)}; give the index file of one, *.json"
        )
    return found[-1][2] if found else None


def open_index(path: Path) -> Index:
    """Read and check an index file; KioskError names it."""
    raw = _read(path, path, MAX_FILE_BYTES)
    try:
        index = Index.model_validate_json(raw)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        said = f"not the index of a built pack{f' (field {where})' if where else ''}"
        raise KioskError("input", f"{path}: {said}; {_MEND}") from error
    odd = next((name for name in index.files if not files.known(name)), None)
    if odd is not None:
        raise KioskError("input", f"{path}: {odd!r} is no file of a pack; {_MEND}")
    return index


def contents(path: Path) -> tuple[Index, dict[str, bytes]]:
    """The index at `path` and every file's bytes, each hash verified; KioskError names the file."""
    index = open_index(path)
    found = {name: b"".join(_pieces(path, name, index)) for name in _ordered(index)}
    if digest(found) != index.digest:
        raise KioskError("input", f"{path}: digest does not fit its files; {_MEND}")
    return index, found


def piece(path: Path, name: str, sha: str, size: int) -> bytes:
    """One verified piece of the file `name`, for the index at `path`."""
    blob = path.parent / BLOBS / sha
    raw = _read(blob, Path(f"{path}: {name}"), size)
    if sha256(raw) != sha:
        said = f"damaged: {BLOBS}/{sha} does not have that sha256; {_MEND}"
        raise KioskError("input", f"{path}: {name}: {said}")
    return raw


def _cuts(content: bytes, start: int) -> bool:
    first_line = content[start:].split(b"\n", 1)[0]
    return hashlib.sha256(first_line).digest()[0] % 2 == 0


def _ordered(index: Index) -> list[str]:
    flat = [name for name in files.FLAT if name in index.files]
    return flat + sorted(name for name in index.files if name not in files.FLAT)


def _pieces(path: Path, name: str, index: Index) -> Iterator[bytes]:
    if sum(size for _, size in index.files[name]) > MAX_FILE_BYTES:
        raise KioskError("input", f"{path}: {name}: larger than {MAX_FILE_BYTES:,} bytes")
    return (piece(path, name, sha, size) for sha, size in index.files[name])


def _read(path: Path, shown: Path, most: int) -> bytes:
    """At most `most` bytes and one more, of an ordinary file."""
    if not files.is_file(path):
        raise KioskError("input", f"{shown}: {path.name} is missing; {_MEND}")
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise KioskError("input", f"{shown}: cannot be read ({error.strerror})") from error


def _versions(folder: Path) -> Iterator[tuple[str, int, Path]]:
    for path in folder.glob("*@*.json"):
        name, _, version = path.stem.rpartition("@")
        if re.fullmatch(r"[0-9]{1,10}", version):
            yield name, int(version), path
