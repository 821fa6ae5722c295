"""Debian packages for another machine: a real mirror, a small closure, arm64."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fleet.errors import KioskError
from models.progress import Silent
from provisioning.bundle import apt_root, debs, targets
from provisioning.bundle.apt_root import AptRoot
from provisioning.bundle.debs import Deb

PI = targets.choose("raspberrypi5", None, None)
JETSON = targets.choose("jetson-orin", None, None)
STANZA = """Package: fonts-noto-cjk
Version: 1:20220127+repack1-1
Installed-Size: 91000
Architecture: all
Filename: pool/main/f/fonts-noto-cjk/fonts-noto-cjk_20220127+repack1-1_all.deb
Size: 56547048
SHA256: 00
Description: "No Tofu" font families
 Filename: not this one"""


def test_a_stanza_in_the_bundle() -> None:
    deb = Deb(STANZA)
    assert deb.file == "fonts-noto-cjk_1%3a20220127+repack1-1_all.deb"
    assert (deb.size, deb.installed_bytes) == (56547048, 93184000)
    assert "\nFilename: ./fonts-noto-cjk_1%3a20220127+repack1-1_all.deb\n" in deb.entry
    assert "\n Filename: not this one\n" in deb.entry


def test_a_small_closure_from_a_real_mirror(tmp_path: Path) -> None:
    root = AptRoot(tmp_path / "root", PI)
    sources = apt_root.sources(PI, ())
    got = debs.fetch(root, sources, ["libportaudio2"], Silent(), base=())
    names = {deb.field("Package"): deb for deb in got.debs}
    assert {"libportaudio2", "libc6", "libasound2"} <= set(names)
    assert {deb.field("Architecture") for deb in got.debs} == {"arm64", "all"}
    assert len(got.debs) < 30
    assert got.wanted == b"libportaudio2\n"

    # What came is kept, and what was damaged since comes again.
    hurt = got.folder / names["libportaudio2"].file
    whole = hurt.read_bytes()
    hurt.write_bytes(b"?" * len(whole))
    debs.fetch(root, sources, ["libportaudio2"], Silent(), base=())
    assert hurt.read_bytes() == whole

    # apt itself takes the flat repository, as it will on the board.
    repository = tmp_path / "debs"
    repository.mkdir()
    for deb in got.debs:
        (repository / deb.file).hardlink_to(got.folder / deb.file)
    (repository / "Packages").write_bytes(got.index)
    board = AptRoot(tmp_path / "board", PI)
    board.prepare([f"deb [trusted=yes] file:{repository} ./"])
    said = board.run("apt-get", "-q", "-y", "install", "--download-only", "libportaudio2")
    assert "Need to get 0 B" in said
    extracted = ["dpkg-deb", "--extract", str(repository / names["libportaudio2"].file)]
    subprocess.run([*extracted, str(tmp_path / "files")], check=True)
    assert list(tmp_path.glob("files/usr/lib/aarch64-linux-gnu/libportaudio.so.2*"))


def test_a_package_that_there_is_not(tmp_path: Path) -> None:
    root = AptRoot(tmp_path / "root", PI)
    with pytest.raises(KioskError, match="Unable to locate package no-such-thing") as caught:
        debs.fetch(root, apt_root.sources(PI, ()), ["no-such-thing"], Silent(), base=())
    assert "--without-debs" in caught.value.message


def test_a_mirror_that_does_not_answer(tmp_path: Path) -> None:
    root = AptRoot(tmp_path / "root", PI)
    with pytest.raises(KioskError, match="Debian packages for raspberrypi5") as caught:
        root.prepare([f"deb [trusted=yes] file:{tmp_path}/none ./"])
    assert "\n" not in caught.value.message


def test_ubuntu_is_not_guessed() -> None:
    with pytest.raises(KioskError, match=r"no package mirror of jammy.*--apt-source"):
        apt_root.sources(JETSON, ())
    line = "deb [signed-by=/usr/share/keyrings/u.gpg] http://127.0.0.1/ubuntu jammy main universe"
    assert apt_root.sources(JETSON, [line]) == [line]


@pytest.mark.parametrize("line", ["http://127.0.0.1/ubuntu", "deb-src x y z", "deb x", ""])
def test_what_is_no_source(line: str) -> None:
    with pytest.raises(KioskError, match="must be like: deb URL SUITE COMPONENT"):
        apt_root.sources(PI, [line])


def test_this_machines_mirror_serves_another_release() -> None:
    trixie = targets.choose("x86", "trixie", None)
    lines = apt_root.sources(trixie, ())
    assert any(" trixie main" in line for line in lines)
    assert any(" trixie-security main" in line for line in lines)
    assert not any("bookworm" in line for line in lines)
