from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from datetime import date
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import KioskError
from hub import publish
from tests.hub import shelf
from tests.knowledge.handmade import SmallPack

NOW = 1_795_000_000.0
BLOB = "blobs/" + "a" * 64


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as file:
        for member, raw in members:
            file.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size, found.type, found.linkname = size, kind, "/etc/passwd"
    return found


def refused(upload: bytes) -> str:
    with pytest.raises(KioskError) as caught:
        publish.unpacked(upload)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("packed", [False, True])
def test_a_built_pack_is_published(tmp_path: Path, packed: bool) -> None:
    hub = shelf.made(tmp_path / "hub", NOW)
    small = SmallPack(tmp_path / "small")
    upload = shelf.build_pack(small.path, tmp_path / "out", 3)
    if packed:
        upload = zstandard.ZstdCompressor().compress(upload)
    found = publish.checked(upload, shelf.TODAY)
    assert found.warnings == ()
    assert publish.put(hub, found, NOW, frozenset()) is True
    pack = hub.content.pack("small-hall@3")
    assert pack is not None
    assert pack.digest == found.index.digest
    assert hub.content.pack("small-hall@4") is None


def test_of_a_folder_with_several_versions_the_newest_counts(tmp_path: Path) -> None:
    hub = shelf.made(tmp_path / "hub", NOW)
    small = SmallPack(tmp_path / "small")
    shelf.build_pack(small.path, tmp_path / "out", 3)
    shelf.build_pack(small.path, tmp_path / "out", 4)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        file.add(tmp_path / "out", ".")
    assert publish.put(hub, publish.checked(out.getvalue(), shelf.TODAY), NOW, frozenset())
    assert hub.content.published().labels() == [("small-hall", 4)]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (tarfile.SYMTYPE, "no ordinary file"),
        (tarfile.LNKTYPE, "no ordinary file"),
        (tarfile.CHRTYPE, "no ordinary file"),
        (tarfile.FIFOTYPE, "no ordinary file"),
        (tarfile.DIRTYPE, "no ordinary file"),
        (tarfile.GNUTYPE_SPARSE, "not a tar|no ordinary file"),
    ],
)
def test_links_devices_and_folders_are_refused(kind: bytes, said: str) -> None:
    assert re.search(said, refused(tar((member(BLOB, 0, kind), b""))))


@pytest.mark.parametrize(
    "name",
    [
        "../gov-hall@3.json",
        "/gov-hall@3.json",
        "blobs/../../x",
        "blobs/" + "a" * 63,
        "blobs/" + "A" * 64,
        "notes.txt",
        "a" * 5000,
        "gov-hall@3.json\n",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    assert "is no part of a built pack" in refused(tar((member(name, 1), b"x")))


def test_bombs_are_refused() -> None:
    zeros = zstandard.ZstdCompressor(level=19).compress(bytes(publish.MAX_TAR_BYTES + 10))
    assert len(zeros) < 20_000
    assert "unpacks to more than 67,108,864 bytes" in refused(zeros)
    assert "more than 16,777,216 bytes" in refused(bytes(publish.MAX_UPLOAD_BYTES + 1))
    large = tar((member(BLOB, 2_000_001), bytes(2_000_001)))
    assert "larger than 2,000,000 bytes" in refused(large)
    assert "is there twice" in refused(tar(*[(member(BLOB, 1), b"x")] * 2))
    many = tar(*[(member("./blobs", 0, tarfile.DIRTYPE), b"")] * (publish.MAX_MEMBERS + 1))
    assert "more than 20,000 files" in refused(many)
    assert "not a tar" in refused(gzip.compress(many))


def test_a_sparse_file_that_says_it_is_huge_is_refused() -> None:
    header = member(BLOB, 0)
    header.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.size": str(2**40),
        "GNU.sparse.map": "0,0",
    }
    assert "no ordinary file" in refused(tar((header, b"")))


def test_cut_and_damaged_uploads_are_refused(tmp_path: Path) -> None:
    small = SmallPack(tmp_path / "small")
    upload = shelf.build_pack(small.path, tmp_path / "out", 3)
    assert "upload" in refused(upload[: len(upload) // 2 - 100])
    packed = zstandard.ZstdCompressor().compress(upload)
    hub = shelf.made(tmp_path / "hub", NOW)
    with pytest.raises(KioskError):
        publish.put(hub, publish.checked(packed[:-50], shelf.TODAY), NOW, frozenset())
    assert hub.content.published().labels() == []


@given(st.binary(max_size=3000))
def test_noise_is_refused_in_one_line_or_is_empty(noise: bytes) -> None:
    said, found = "", {}
    try:
        found = publish.unpacked(noise)
    except KioskError as error:
        said = error.message
    assert "\n" not in said
    assert found == {}


def test_what_does_not_fit_its_index_is_refused(tmp_path: Path) -> None:
    hub = shelf.made(tmp_path / "hub", NOW)
    small = SmallPack(tmp_path / "small")
    good = publish.unpacked(shelf.build_pack(small.path, tmp_path / "out", 3))
    blob = next(name for name in good if name.startswith("blobs/"))
    index = json.loads(good["small-hall@3.json"])

    def said(files: dict[str, bytes]) -> str:
        upload = tar(*[(member(name, len(raw)), raw) for name, raw in files.items()])
        with pytest.raises(KioskError) as caught:
            publish.put(hub, publish.checked(upload, shelf.TODAY), NOW, frozenset())
        return caught.value.message

    assert "does not have that sha256" in said(good | {blob: b"x" * len(good[blob])})
    assert "is missing" in said({name: raw for name, raw in good.items() if name != blob})
    forged = json.dumps(index | {"digest": "0" * 64}).encode()
    assert "digest does not fit" in said(good | {"small-hall@3.json": forged})
    renamed = json.dumps(index | {"version": 9}).encode()
    message = said(good | {"small-hall@3.json": renamed})
    assert message.startswith("upload: small-hall@3.json: its manifest.yaml is not that of")
    assert "no index" in said({blob: good[blob]})
    outside = json.dumps(index | {"files": {"../../etc/passwd": []}}).encode()
    assert "is no file of a pack" in said(good | {"small-hall@3.json": outside})


def test_a_pack_that_the_lint_refuses_is_not_published(tmp_path: Path) -> None:
    hub = shelf.made(tmp_path / "hub", NOW)
    small = SmallPack(tmp_path / "small")
    upload = shelf.build_pack(small.path, tmp_path / "out", 3)
    with pytest.raises(KioskError, match=r"review_by .* has passed"):
        publish.put(hub, publish.checked(upload, date(2029, 1, 1)), NOW, frozenset())
