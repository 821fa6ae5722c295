"""The cache: what counts as sound, and what is remembered of it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from models.cache import MARKER, TRUSTED, Expected, PackFolder, cache_root
from models.catalog import Pack


def known(content: bytes, name: str = "model.bin") -> Pack:
    digest = hashlib.sha256(content).hexdigest()
    file = {"name": name, "sha256": digest, "size": len(content)}
    return pack(files=[file | {"sources": [{"url": "https://example.org/x"}]}])


def pack(**more: object) -> Pack:
    head = {"name": "tiny", "what": "a test", "licence": "MIT", "languages": ["zh"]}
    return Pack.model_validate(head | more)


def unknown_tree(sha256: str | None = None) -> Pack:
    tree = {"url": "https://example.org/t.zip", "folder": "t", "needs": ["a"], "sha256": sha256}
    return pack(verified=False, tree=tree)


def put(root: Path, content: bytes, name: str = "model.bin") -> Path:
    path = root / "tiny" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def reasons(folder: PackFolder) -> list[str]:
    return [str(fault) for fault in folder.faults()]


def test_a_right_file_is_sound_and_remembered(tmp_path: Path) -> None:
    path = put(tmp_path, b"right")
    assert reasons(PackFolder(tmp_path, known(b"right"))) == []
    marks = json.loads((tmp_path / "tiny" / MARKER).read_text())
    stat = path.stat()
    assert marks["model.bin"] == [hashlib.sha256(b"right").hexdigest(), 5, stat.st_mtime_ns]


def test_a_missing_a_short_and_a_wrong_file_are_told_apart(tmp_path: Path) -> None:
    folder = PackFolder(tmp_path, known(b"right"))
    assert reasons(folder) == ["model.bin is missing"]
    put(tmp_path, b"rig")
    assert reasons(folder) == ["model.bin has 3 bytes instead of 5"]
    put(tmp_path, b"wrong")
    assert reasons(folder) == ["model.bin is damaged or another version (wrong sha256)"]


def test_what_was_hashed_is_not_hashed_again(tmp_path: Path) -> None:
    path = put(tmp_path, b"right")
    folder = PackFolder(tmp_path, known(b"right"))
    assert folder.faults() == []
    stat = path.stat()
    path.write_bytes(b"wrong")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    # Same size and time of change: only a fresh look can tell, and it is then remembered.
    assert folder.faults() == []
    assert len(folder.verify()) == 1
    assert len(folder.faults()) == 1


def test_a_file_changed_since_is_hashed_again(tmp_path: Path) -> None:
    path = put(tmp_path, b"right")
    folder = PackFolder(tmp_path, known(b"right"))
    assert folder.faults() == []
    path.write_bytes(b"wrong")
    os.utime(path, ns=(1, 1))
    assert len(folder.faults()) == 1
    path.write_bytes(b"right")
    os.utime(path, ns=(2, 2))
    assert folder.faults() == []


@pytest.mark.parametrize("junk", ["", "[]", "{", '{"model.bin": 3}', '{"model.bin": []}'])
def test_a_broken_memory_only_costs_a_new_look(tmp_path: Path, junk: str) -> None:
    put(tmp_path, b"wrong")
    (tmp_path / "tiny" / MARKER).write_text(junk)
    assert len(PackFolder(tmp_path, known(b"right")).faults()) == 1


def test_a_cache_that_cannot_be_written_is_still_used(tmp_path: Path) -> None:
    put(tmp_path, b"right")
    # A folder in the marker's place makes the write fail for root as well.
    (tmp_path / "tiny" / MARKER).mkdir()
    assert PackFolder(tmp_path, known(b"right")).faults() == []
    assert sorted(p.name for p in (tmp_path / "tiny").iterdir()) == [MARKER, "model.bin"]


def test_a_folder_in_a_files_place_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, b"x", "model.bin/inner")
    (fault,) = PackFolder(tmp_path, known(b"right")).faults()
    assert fault.name == "model.bin"


def test_the_state_is_told_by_names_and_sizes(tmp_path: Path) -> None:
    folder = PackFolder(tmp_path, known(b"right"))
    assert (folder.state(), folder.present()) == ("missing", False)
    put(tmp_path, b"rig")
    assert (folder.state(), folder.present()) == ("partial", True)
    put(tmp_path, b"right")
    assert folder.state() == "ready"


def test_without_known_hashes_what_was_trusted_is_what_must_be(tmp_path: Path) -> None:
    folder = PackFolder(tmp_path, unknown_tree())
    assert reasons(folder) == ["tiny was never pulled"]
    assert [str(fault) for fault in folder.verify()] == ["tiny was never pulled"]
    put(tmp_path, b"first", "a")
    folder.trust([Expected("a", hashlib.sha256(b"first").hexdigest(), 5)])
    assert reasons(folder) == []
    put(tmp_path, b"other", "a")
    assert len(folder.verify()) == 1


def test_trust_ends_when_the_catalogue_learns_another_hash(tmp_path: Path) -> None:
    put(tmp_path, b"first", "a")
    files = [Expected("a", hashlib.sha256(b"first").hexdigest(), 5)]
    PackFolder(tmp_path, unknown_tree()).trust(files, "a" * 64)
    assert PackFolder(tmp_path, unknown_tree("a" * 64)).faults() == []
    assert reasons(PackFolder(tmp_path, unknown_tree("b" * 64))) == ["tiny was never pulled"]


@pytest.mark.parametrize("junk", ["", "{}", '{"files": 1}', '{"files": {"a": [1]}}'])
def test_a_broken_record_of_trust_trusts_nothing(tmp_path: Path, junk: str) -> None:
    put(tmp_path, b"first", "a")
    (tmp_path / "tiny" / TRUSTED).write_text(junk)
    assert reasons(PackFolder(tmp_path, unknown_tree())) == ["tiny was never pulled"]


def test_the_cache_lies_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KIOSK_MODELS", "/srv/models")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert cache_root() == Path("/srv/models")
    monkeypatch.setenv("KIOSK_MODELS", "")
    assert cache_root() == Path("/var/cache/lobby-kiosk/models")
    # The XDG specification says to ignore a relative path.
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    assert cache_root() == tmp_path / ".cache/lobby-kiosk/models"
