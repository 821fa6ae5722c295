"""install.sh in an image of this machine's own system: what it refuses, and how."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provisioning.install.image import Image, mount, mounted
from tests.provisioning.install.tiny import REPO, Kind, Maker

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="install.sh needs root")
NOW = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Image]:
    with mounted(tmp_path) as image:
        yield image


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def whole(maker: Maker) -> Path:
    return maker.make(Kind("1.0"))


@pytest.fixture
def bundle(whole: Path, tmp_path: Path) -> Path:
    """One to be spoiled."""
    return Path(shutil.copytree(whole, tmp_path / "a stick"))


def refused(image: Image, bundle: Path, said: str, *options: str) -> None:
    status, text = image.install(bundle, "--device", "hall-1", *options)
    assert status in {2, 3}, text
    assert said in text.splitlines()[-1], text
    assert text.splitlines()[-1].startswith("错误：")
    assert image.written() <= {
        "var/log/lobby-kiosk-install.log",
        "run/lock/lobby-kiosk-install.lock",
    }


def test_it_installs_twice_updates_by_itself_and_leaves(
    image: Image, whole: Path, maker: Maker
) -> None:
    status, text = image.install(whole, "--device", "hall-1", "--key", maker.fingerprint)
    assert status == 0, text
    assert "下次开机自动启动" in text
    status, text = image.install(whole)
    assert status == 0, text
    assert "正在安装程序" not in text
    kiosk = image.root / "usr/local/bin/kiosk"
    assert kiosk.stat().st_mode & 0o111
    owner = image.root / "var/lib/lobby-kiosk/trust"
    assert owner.stat().st_uid != 0
    assert owner.stat().st_mode & 0o777 == 0o700
    status, text = image.install(whole, "--uninstall", "--purge")
    assert status == 0, text
    assert not (image.root / "opt/lobby-kiosk").exists()
    assert "lobby-kiosk" not in (image.root / "etc/passwd").read_text()


def test_an_update_without_models_has_those_of_before(
    image: Image, whole: Path, bundle: Path, maker: Maker
) -> None:
    shutil.rmtree(bundle / "models")
    maker.about(bundle, models=[], note="newer")
    status, text = image.install(bundle, "--device", "hall-1")
    assert status == 2, text
    assert "没有模型" in text.splitlines()[-1]
    assert image.install(whole, "--device", "hall-1")[0] == 0
    status, text = image.install(bundle)
    assert status == 0, text
    assert len(list((image.root / "opt/lobby-kiosk/versions").iterdir())) == 2


def test_a_dry_run_changes_nothing(image: Image, whole: Path) -> None:
    status, text = image.install(whole, "--device", "hall-1", "--dry-run")
    assert status == 0, text
    assert "没有改动" in text
    assert image.written() == set()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"arch": "riscv64"}, "riscv64"),
        ({"release": "sarge"}, "sarge"),
        ({"python": "3.4"}, "Python 3.4"),
        ({"format": 9}, "格式"),
        ({"made_at": "2999-01-01T00:00:00+00:00"}, "--clock"),
    ],
)
def test_a_bundle_for_another_machine_is_refused(
    image: Image, bundle: Path, maker: Maker, changed: dict[str, object], said: str
) -> None:
    maker.about(bundle, **changed)
    refused(image, bundle, said)


def test_a_bundle_for_another_board_is_refused(image: Image, bundle: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('device = "hall-1"\nboard = "jetson-orin"\n')
    refused(image, bundle, "jetson-orin", "--site", str(site))


def test_a_damaged_file_is_named(image: Image, bundle: Path) -> None:
    (bundle / "models/ear/model.bin").write_text("bad")
    refused(image, bundle, "models/ear/model.bin")


def test_changed_sums_are_not_signed(image: Image, bundle: Path) -> None:
    with (bundle / "SHA256SUMS").open("a") as sums:
        sums.write("0" * 64 + "  more\n")
    refused(image, bundle, "签名不对")


def test_a_missing_file_is_named(image: Image, bundle: Path) -> None:
    (bundle / "SHA256SUMS.sig").unlink()
    refused(image, bundle, "缺 SHA256SUMS.sig")


def test_another_signer_is_refused(image: Image, whole: Path, bundle: Path, tmp_path: Path) -> None:
    refused(image, whole, "指纹", "--key", "0" * 32)
    assert image.install(whole, "--device", "hall-1")[0] == 0
    (tmp_path / "other").mkdir()
    Maker(tmp_path / "other").sign(bundle)
    status, text = image.install(bundle)
    assert status == 2
    assert "另一个签名者" in text


def test_without_a_site_file_it_says_what_to_do(image: Image, whole: Path) -> None:
    status, text = image.install(whole)
    assert status == 2
    assert "没有站点文件" in text
    assert "--device" in text


def test_a_second_run_meanwhile_is_sent_away(image: Image, whole: Path) -> None:
    lock = image.root / "run/lock/lobby-kiosk-install.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["flock", str(lock), "sleep", "60"]) as holder:
        time.sleep(0.3)
        refused(image, whole, "另一个安装正在进行")
        holder.terminate()
        subprocess.run(["pkill", "-P", str(holder.pid)], check=False)


def test_a_full_disk_is_seen_before_anything_is_done(image: Image, whole: Path) -> None:
    (image.disk / "filler").write_bytes(bytes(260 << 20))
    refused(image, whole, "磁盘空间不够")


def test_a_read_only_disk_is_named(image: Image, whole: Path) -> None:
    mount("-o", "remount,ro", str(image.root))
    status, text = image.install(whole, "--device", "hall-1")
    assert status == 3
    assert "只读" in text.splitlines()[-1]


def test_who_is_not_root_is_told_so(whole: Path) -> None:
    command = [
        "setpriv",
        "--reuid=65534",
        "bash",
        str(REPO / "provisioning/install.sh"),
        "--device",
        "a",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "sudo" in done.stderr
