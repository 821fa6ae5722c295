"""Boards, and what the real lock has for them."""

from __future__ import annotations

import pytest
from packaging.tags import cpython_tags

from fleet.errors import KioskError
from provisioning.bundle import lock, targets
from provisioning.bundle.app_wheel import here


@pytest.mark.parametrize("board", list(targets.BOARDS))
def test_the_lock_can_be_read_for_every_board(board: str) -> None:
    target = targets.choose(board, None, None)
    pins = lock.read(here().root / lock.FILE, target.markers)
    assert pins["numpy"].version
    assert pins["numpy"].hashes
    assert "colorama" not in pins  # Windows
    assert ("lgpio" in pins) == (target.arch == "arm64")


def test_a_release_brings_its_python() -> None:
    assert targets.choose("x86", "trixie", None).python == "3.13"
    assert targets.choose("x86", "trixie", "3.12").python == "3.12"
    assert targets.choose("jetson-orin", None, None).release.debian is False


def test_the_tags_of_a_system() -> None:
    target = targets.choose("raspberrypi5", None, None)
    assert target.platforms[0] == "manylinux_2_36_aarch64"
    assert "manylinux2014_aarch64" in target.platforms
    assert not any("x86" in tag or "manylinux1_" in tag for tag in target.platforms)
    known = {tag.platform for tag in cpython_tags((3, 11), None, list(target.platforms))}
    assert set(target.platforms) <= known


@pytest.mark.parametrize(
    ("board", "release", "python", "said"),
    [
        ("raspberrypi4", None, None, "--board raspberrypi4: not known; one of raspberrypi5"),
        ("x86", "sid", None, "--release sid"),
        ("x86", None, "3.10", "--python 3.10"),
    ],
)
def test_what_is_not_known(board: str, release: str | None, python: str | None, said: str) -> None:
    with pytest.raises(KioskError, match=said):
        targets.choose(board, release, python)
