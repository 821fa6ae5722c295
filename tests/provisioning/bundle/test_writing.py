"""A bundle's folder under power cuts, full disks, strangers' files and second runs."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from fleet.errors import KioskError
from models.progress import Meter
from provisioning.bundle import verify
from provisioning.bundle.contents import Item
from provisioning.bundle.writing import PART, UNFINISHED, Disk
from tests.provisioning.bundle.bundles import FILES, NOW, SITE, tree, write

WRITES = len(FILES) + 4
"""With bundle.pub, bundle.json, SHA256SUMS and its signature."""
OLD = {**FILES, "debs/old_1_all.deb": b"old", "models/ear/model.bin": b"of another version"}


@dataclass(frozen=True, slots=True)
class DyingDisk(Disk):
    """Loses its power at the n-th file: in the middle of it, or right behind it."""

    dies_at: int = 0
    halfway: bool = True
    written: list[str] = field(default_factory=list)

    def write(self, item: Item, target: Path, meter: Meter) -> None:
        if self.halfway and len(self.written) == self.dies_at:
            target.parent.mkdir(parents=True, exist_ok=True)
            content = item.source if isinstance(item.source, bytes) else item.source.read_bytes()
            target.with_name(target.name + PART).write_bytes(content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        Disk.write(self, item, target, meter)
        if not self.halfway and len(self.written) == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.written.append(item.name)


def killed(out: Path, disk: Disk) -> None:
    child = multiprocessing.get_context("fork").Process(target=write, args=(out, FILES, disk))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("before", [None, OLD])
@pytest.mark.parametrize("halfway", [True, False])
def test_cut_off_at_every_file_it_goes_on(
    tmp_path: Path, halfway: bool, before: dict[str, bytes] | None
) -> None:
    write(tmp_path / "whole")
    wanted = tree(tmp_path / "whole")
    # Over an old bundle fewer files are written: what did not change is kept.
    writes = WRITES if before is None else 4
    for at in range(writes):
        out = tmp_path / f"cut-{at}"
        if before is not None:
            write(out, before)
        killed(out, DyingDisk(dies_at=at, halfway=halfway))
        assert [each.code for each in verify.check(out)] == ["unfinished"]
        again = write(out)
        assert verify.check(out) == []
        assert tree(out) == wanted
        if before is None:
            kept = sum(len(content) for content in list(wanted.values())) - again.written
            assert (kept > 0) == (at > 0 or not halfway)


def test_a_second_run_writes_nothing_and_keeps_the_day(tmp_path: Path) -> None:
    first = write(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    second = write(tmp_path, now=NOW + timedelta(days=3))
    assert second.written == 0
    assert second.manifest == first.manifest
    assert all(path.stat().st_mtime_ns == before[path] for path in before)


def test_damage_is_mended_by_another_run(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "models/ear/model.bin").write_bytes(b"?" * len(FILES["models/ear/model.bin"]))
    (tmp_path / "wheels/evil.whl").write_bytes(b"")
    write(tmp_path)
    assert verify.check(tmp_path) == []


def test_the_sites_files_are_kept(tmp_path: Path) -> None:
    site = tmp_path / "given.toml"
    site.write_text(SITE)
    (tmp_path / "ca.pem").write_text("PEM")
    write(tmp_path / "out", site=site)
    assert tree(tmp_path / "out")["site/site.toml"] == SITE.encode()
    assert tree(tmp_path / "out")["site/ca.pem"] == b"PEM"
    write(tmp_path / "out")
    assert tree(tmp_path / "out")["site/site.toml"] == SITE.encode()
    assert verify.check(tmp_path / "out") == []


def test_a_strangers_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(KioskError, match=r"holds other things \(holiday\.jpg\)"):
        write(tmp_path)
    assert tree(tmp_path) == {"holiday.jpg": b"x"}


def test_a_strangers_file_beside_a_bundle_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(KioskError, match=r"holiday\.jpg"):
        write(tmp_path)


def test_a_folder_that_only_looks_like_one_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/mine").write_bytes(b"x")
    with pytest.raises(KioskError, match="holds other things"):
        write(tmp_path)


def test_a_fresh_stick_may_hold_its_systems_things(tmp_path: Path) -> None:
    (tmp_path / "System Volume Information").mkdir()
    (tmp_path / "System Volume Information/IndexerVolumeGuid").write_bytes(b"x")
    write(tmp_path)
    assert (tmp_path / "System Volume Information/IndexerVolumeGuid").exists()
    assert verify.check(tmp_path) == []


def test_a_file_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(KioskError, match="is no folder"):
        write(tmp_path / "out")


def test_a_second_run_during_a_first_is_refused(tmp_path: Path) -> None:
    with FileLock(tmp_path / UNFINISHED), pytest.raises(KioskError, match="wait for it to end"):
        write(tmp_path)


def test_a_full_stick_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match=r"needs 4\.\d MB more, 1\.0 MB are free") as caught:
        write(tmp_path / "out", disk=Disk(free_bytes=lambda _: 1_000_000))
    assert caught.value.exit_status == 3
    assert set(tree(tmp_path / "out")) == {UNFINISHED}


def test_what_is_there_needs_no_room(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "install.sh").unlink()
    write(tmp_path, disk=Disk(free_bytes=lambda _: 4_500_000))
    assert verify.check(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["a:b", "CON", "aux.txt", "x.", "wheels/A b /c", "INSTALL.SH", "a" * 250]
)
def test_names_that_not_every_stick_can_hold(tmp_path: Path, name: str) -> None:
    with pytest.raises(KioskError, match="not every stick can hold"):
        write(tmp_path, {**FILES, name: b""})


@dataclass(frozen=True, slots=True)
class BrokenDisk(Disk):
    """Fails as the kernel lets a stick fail."""

    number: int = errno.EIO

    def write(self, item: Item, target: Path, meter: Meter) -> None:
        raise OSError(self.number, os.strerror(self.number), str(target))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EIO, "gone or broken"),
        (errno.EROFS, "only be read"),
        (errno.EFBIG, "exFAT"),
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "Permission denied"),
    ],
)
def test_what_a_stick_does_is_one_line(tmp_path: Path, number: int, said: str) -> None:
    with pytest.raises(KioskError, match=said) as caught:
        write(tmp_path, disk=BrokenDisk(number=number))
    assert "run the same command again" in caught.value.message


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 128 kB: less than a bundle."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_on_the_way(small_disk: Path) -> None:
    with pytest.raises(KioskError, match="the disk is full") as caught:
        write(small_disk, disk=Disk(free_bytes=lambda _: 10**9))
    assert caught.value.exit_status == 3
    assert not list(small_disk.rglob(f"*{PART}"))
    assert [each.code for each in verify.check(small_disk)] == ["unfinished"]
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    write(small_disk, disk=Disk(free_bytes=lambda _: 10**9))
    assert verify.check(small_disk) == []
