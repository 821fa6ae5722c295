"""A built pack that somebody sent as a tar: unpacked with suspicion, checked, and published.

The tar holds what `kiosk pack build` made: gov-hall@4.json and blobs/<sha256>. Whatever else is in
it is refused, links and devices first; nothing in it names a path that is written to.
"""

from __future__ import annotations

import io
import re
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import zstandard

from fleet.errors import KioskError
from hub.repository import Repository
from knowledge import built, lint, pack
from knowledge.speech import plain_text
from knowledge.text import MAX_FILE_BYTES

MAX_UPLOAD_BYTES = 16 * 1024 * 1024
"""A sample pack's tar is 0.6 MB plain, 0.1 MB in zstd."""
MAX_TAR_BYTES = 64 * 1024 * 1024
MAX_MEMBERS = 20_000
_ZSTD = b"\x28\xb5\x2f\xfd"
_INDEX = re.compile(r"[a-z][a-z0-9-]{0,63}@[0-9]{1,10}\.json")
_BLOB = re.compile(r"blobs/[0-9a-f]{64}")
_FOLDERS = (".", built.BLOBS)


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload that may be published."""

    index: built.Index
    pieces: dict[str, bytes]
    """By sha256."""
    warnings: tuple[str, ...]
    """Of the lint, for whoever publishes it."""


def checked(upload: bytes, today: date) -> Checked:
    """The newest pack in `upload`; KioskError("input") says what is wrong with it."""
    members = unpacked(upload)
    with tempfile.TemporaryDirectory(prefix="kiosk-upload-") as folder:
        index, warnings = _checked(Path(folder), members, today)
    wanted = {sha for cut in index.files.values() for sha, _ in cut}
    return Checked(index, {sha: members[f"{built.BLOBS}/{sha}"] for sha in wanted}, warnings)


def put(repository: Repository, found: Checked, now: float, in_use: frozenset[str]) -> bool:
    """Publish; False if this very pack is there already. `in_use`: labels that must stay."""
    return repository.add(found.index, found.pieces, now, in_use)


def unpacked(upload: bytes) -> dict[str, bytes]:
    """Files of the tar, by name."""
    if len(upload) > MAX_UPLOAD_BYTES:
        raise KioskError("input", f"upload: more than {MAX_UPLOAD_BYTES:,} bytes")
    raw = _inflated(upload) if upload.startswith(_ZSTD) else upload
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as tar:
            for number, member in enumerate(tar):
                if number >= MAX_MEMBERS:
                    raise KioskError("input", f"upload: more than {MAX_MEMBERS:,} files")
                _take(tar, member, found)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise KioskError("input", f"upload: not a tar of a built pack ({error})") from error
    return found


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, found: dict[str, bytes]) -> None:
    name = member.name.removeprefix("./")
    if member.isdir() and name in _FOLDERS:
        return
    shown = repr(member.name[:80])
    # A sparse file's size is as large as it likes to say, whatever the tar's own.
    if not member.isreg() or member.issparse():
        raise KioskError("input", f"upload: {shown} is no ordinary file")
    if not (_INDEX.fullmatch(name) or _BLOB.fullmatch(name)):
        raise KioskError("input", f"upload: {shown} is no part of a built pack")
    if name in found:
        raise KioskError("input", f"upload: {shown} is there twice")
    if member.size > MAX_FILE_BYTES:
        raise KioskError("input", f"upload: {shown} is larger than {MAX_FILE_BYTES:,} bytes")
    file = tar.extractfile(member)
    raw = file.read() if file else b""
    if len(raw) != member.size:
        raise KioskError("input", f"upload: {shown} is cut short; send it again")
    found[name] = raw


def _checked(
    folder: Path, members: dict[str, bytes], today: date
) -> tuple[built.Index, tuple[str, ...]]:
    """The newest index, every hash of it verified and its pack without a fault."""
    (folder / built.BLOBS).mkdir()
    for name, content in members.items():
        (folder / name).write_bytes(content)
    path = built.locate(folder)
    if path is None:
        raise KioskError("input", "upload: no index such as gov-hall@4.json; run kiosk pack build")
    try:
        raw, unread = pack.contents(path)
    except KioskError as error:
        raise KioskError("input", error.message.replace(f"{folder}/", "upload: ")) from error
    _, problems = lint.inspect(raw, unread, today, plain_text)
    faults = [str(each) for each in problems if not each.warning]
    if faults:
        more = f" (and {len(faults) - 1} more: see kiosk pack lint)" if len(faults) > 1 else ""
        raise KioskError("input", f"upload: {path.stem}: {faults[0]}{more}")
    return built.open_index(path), tuple(str(each) for each in problems)


def _inflated(upload: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(upload) as reader:
            raw = reader.read(MAX_TAR_BYTES + 1)
    except zstandard.ZstdError as error:
        raise KioskError("input", f"upload: damaged zstd ({error})") from error
    if len(raw) > MAX_TAR_BYTES:
        raise KioskError("input", f"upload: unpacks to more than {MAX_TAR_BYTES:,} bytes")
    return raw
