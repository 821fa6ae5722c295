"""Archives: members, whole trees, and everything that may be wrong with them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.archive import SourceError, copy, is_sound, open_member, unpack

FILES = {"top/a.bin": b"a" * 4000, "top/sub/b.bin": b"b" * 10, "other.txt": b"no"}


def make_zip(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("top/", b"")
        for name, content in files.items():
            box.writestr(name, content)
    return path


def make_tar(path: Path, files: dict[str, bytes] = FILES, prefix: str = "") -> Path:
    openers: dict[str, Any]
    openers = {".tgz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    with openers[path.suffix](path, "wb") as out, tarfile.open(fileobj=out, mode="w") as box:
        for name, content in files.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(content)
            box.addfile(info, io.BytesIO(content))
    return path


MAKERS = [(make_zip, "x.zip"), (make_tar, "x.tgz"), (make_tar, "x.bz2"), (make_tar, "x.xz")]


def fine(_: int) -> None:
    """There is room for anything."""


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_a_member_can_be_read(make: Callable[[Path], Path], name: str, tmp_path: Path) -> None:
    archive = make(tmp_path / name)
    assert is_sound(archive)
    with open_member(archive, "top/sub/b.bin") as stream:
        assert stream.read() == b"b" * 10


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_a_tree_is_unpacked(make: Callable[[Path], Path], name: str, tmp_path: Path) -> None:
    needed: list[int] = []
    names = unpack(make(tmp_path / name), "top", tmp_path / "out", needed.append)
    assert names == ["a.bin", "sub/b.bin"]
    assert needed == [4010]
    assert (tmp_path / "out/sub/b.bin").read_bytes() == b"b" * 10
    assert not (tmp_path / "out/other.txt").exists()


def test_names_may_begin_with_a_dot_and_slash(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "x.tgz", prefix="./")
    assert unpack(archive, "top", tmp_path / "out", fine) == ["a.bin", "sub/b.bin"]


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_a_member_that_is_not_there_is_named(
    make: Callable[[Path], Path], name: str, tmp_path: Path
) -> None:
    with (
        pytest.raises(SourceError, match=r"x\.\w+ does not hold .*none\.bin"),
        open_member(make(tmp_path / name), "top/none.bin"),
    ):
        pass


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_an_archive_cut_short_is_not_sound(
    make: Callable[[Path], Path], name: str, tmp_path: Path
) -> None:
    archive = make(tmp_path / name)
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    assert not is_sound(archive)
    with (
        pytest.raises(SourceError, match="damaged or cut short"),
        open_member(archive, "top/sub/b.bin") as stream,
    ):
        stream.read()


def test_a_flipped_byte_is_noticed_while_reading(tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as box:
        box.writestr("a", b"0123456789")
    archive.write_bytes(archive.read_bytes().replace(b"0123456789", b"0123456780"))
    with pytest.raises(SourceError, match="CRC"), open_member(archive, "a") as stream:
        stream.read()


@pytest.mark.parametrize("name", ["top/../../evil", "top//abs", "top/.hidden"])
@pytest.mark.parametrize(("make", "archive"), MAKERS[:2])
def test_a_name_that_leads_outside_is_refused(
    make: Callable[[Path, dict[str, bytes]], Path], archive: str, name: str, tmp_path: Path
) -> None:
    path = make(tmp_path / archive, {name: b"x"})
    with pytest.raises(SourceError, match="unsafe name"):
        unpack(path, "top", tmp_path / "out", fine)
    assert not (tmp_path / "evil").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as box:
        link = tarfile.TarInfo("top/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        box.addfile(link)
    with pytest.raises(SourceError, match="not a plain file"):
        unpack(tmp_path / "x.tgz", "top", tmp_path / "out", fine)


def test_nothing_is_written_when_there_is_no_room(tmp_path: Path) -> None:
    def refuse(needed: int) -> None:
        raise SourceError(f"no room for {needed}")

    with pytest.raises(SourceError, match="no room for 4010"):
        unpack(make_zip(tmp_path / "x.zip"), "top", tmp_path / "out", refuse)
    assert not (tmp_path / "out").exists()


def test_copying_stops_at_the_limit() -> None:
    out, seen = io.BytesIO(), list[int]()
    copy(io.BytesIO(b"12345"), out, 5, seen.append)
    assert (out.getvalue(), seen) == (b"12345", [5])
    with pytest.raises(SourceError, match="more than the expected 4 bytes"):
        copy(io.BytesIO(b"12345"), io.BytesIO(), 4)
