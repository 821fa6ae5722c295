"""The power leaves, and with it what was written but not synced: ext4 shut down without a flush.

Whatever step it leaves at: the old or the new version is whole, to the last byte, and a second run
ends. What a run called done is there after a cut that follows at once.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import marshal
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.provisioning.install import disks
from tests.provisioning.install.disks import Disk
from tests.provisioning.install.kiosks import Kiosk
from tests.provisioning.install.tiny import Kind, Maker

PYC_HEADER = 16
"""Bytes before the code."""
BUILDING = ("wheels+0.2", "-compile", "models", "-seal", "seal")
"""The folder that is put together is begun anew after each of them."""
USING = ("-site", "-check", "-switch", "switch", "-files", "-start", "ready", "-tidy", "tidy")


pytestmark = pytest.mark.skipif(bool(disks.why_not()), reason=disks.why_not())


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    maker = Maker(tmp_path_factory.mktemp("signer"))
    return {version: maker.make(Kind(version)) for version in ("1.0", "2.0")}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path)
    try:
        yield disk
    finally:
        disk.close()


@pytest.fixture
def kiosk(disk: Disk) -> Kiosk:
    return Kiosk(disk.root, str(disk.root))


def damaged(kiosk: Kiosk) -> list[str]:
    """Files of the version in use that are not what its wheels and its bundle say."""
    current = kiosk.layout.current
    if not current.is_symlink():
        return []
    app = (current / "app").resolve()
    bad = [str(file) for file in app.rglob("*.pyc") if not _is_code(file)]
    for record in app.glob("*.dist-info/RECORD"):
        for name, digest, _ in csv.reader(record.read_text("utf-8").splitlines()):
            # pip itself rewrites the commands, and the installer their first line.
            if digest and not name.startswith("..") and digest != _recorded(app / name):
                bad.append(name)
    links = (each for each in (current / "models").rglob("*") if each.is_symlink())
    bad += [str(link) for link in links if _sha256(link).hex() != link.readlink().name]
    return bad


def _is_code(file: Path) -> bool:
    try:
        marshal.loads(file.read_bytes()[PYC_HEADER:])
    except (ValueError, EOFError, TypeError):
        return False
    return True


def _recorded(file: Path) -> str:
    return "sha256=" + base64.urlsafe_b64encode(_sha256(file)).rstrip(b"=").decode()


def _sha256(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").digest()


def unplugged_at(
    kiosk: Kiosk, disk: Disk, bundle: Path, versions: set[str], steps: Sequence[str]
) -> None:
    """Each run begins where the last one was cut."""
    for step in steps:
        done = kiosk.install(bundle, cut_at=step)
        assert done.returncode == -signal.SIGKILL, (step, done.stdout)
        disk.start_again()
        assert kiosk.answers() in versions, step
        assert damaged(kiosk) == [], step


@pytest.mark.parametrize("steps", [BUILDING, USING], ids=["while it is built", "once it is built"])
def test_installed_and_updated_by_a_machine_that_loses_its_power(
    kiosk: Kiosk, disk: Disk, bundles: dict[str, Path], steps: Sequence[str]
) -> None:
    before = ""
    for version, bundle in bundles.items():
        unplugged_at(kiosk, disk, bundle, {before, version}, steps)
        done = kiosk.install(bundle)
        assert done.returncode == 0, done.stdout
        disk.cut()
        assert kiosk.answers() == version
        assert damaged(kiosk) == []
        assert kiosk.leftovers() == []
        assert kiosk.versions.previous().partition("-")[0] == before
        before = version
