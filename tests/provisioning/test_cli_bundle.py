"""`kiosk provision key|verify|bundle`, as people run them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.bundle import signing
from terminal.cli import _status
from tests.provisioning.bundle.bundles import KEY, write

Kiosk = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kiosk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Kiosk:
    """`kiosk provision` in this process: status, and what is said on both outputs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kiosk", "provision", *map(str, words)])
        capsys.readouterr()
        status = _status()
        return status, *capsys.readouterr()

    return run


def test_a_key_is_made_once_and_only_its_owner_reads_it(kiosk: Kiosk, tmp_path: Path) -> None:
    file = tmp_path / "keys/bundle.key"
    status, said, _ = kiosk("key", "--out", file)
    assert status == 0
    assert file.stat().st_mode & 0o777 == 0o600
    key = signing.load_key(file)
    told = said.splitlines()[-1].removeprefix("fingerprint: ")
    assert told == signing.fingerprint(key.public_key())
    assert [len(group) for group in told.split(" ")] == [4] * 8
    assert signing.is_of(told.upper().replace(" ", "-"), key.public_key())
    before = file.read_bytes()
    status, _, error = kiosk("key", "--out", file)
    assert (status, file.read_bytes()) == (2, before)
    assert "exists already" in error


def test_a_bundle_is_checked(kiosk: Kiosk, tmp_path: Path) -> None:
    write(tmp_path / "stick")
    status, said, _ = kiosk("verify", tmp_path / "stick")
    assert status == 0
    assert said.startswith("安装包完好：lobby-kiosk-0.1.0-x86-20261127，")
    assert f"签名指纹：{signing.fingerprint(KEY.public_key())}；请与管理员" in said
    status, said, _ = kiosk("verify", tmp_path / "stick", "--key", "0" * 32)
    assert status == 2
    assert "请勿安装" in said


def test_each_defect_is_a_line(kiosk: Kiosk, tmp_path: Path) -> None:
    write(tmp_path / "stick")
    (tmp_path / "stick/install.sh").unlink()
    (tmp_path / "stick/wheels/more.whl").touch()
    status, said, _ = kiosk("verify", tmp_path / "stick")
    assert status == 2
    assert said.splitlines() == [
        "wheels/more.whl：安装包里不该有这个文件；请删除它再检查",
        "install.sh：缺少这个文件；请重新拷贝安装包，或换一个U盘",
    ]
    status, said, _ = kiosk("verify", tmp_path / "stick", "--json")
    assert status == 2
    assert [row["code"] for row in json.loads(said)] == ["extra", "missing"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--board", "pi"), "--board pi: not known"),
        (("--board", "x86"), "make one: kiosk provision key --out"),
        (("--board", "x86", "--key", __file__), "no Ed25519 private key"),
        (("--board", "x86", "--pack", "none"), "no such key"),
    ],
)
def test_what_cannot_be_made_is_told_in_a_line(
    kiosk: Kiosk, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    status, _, error = kiosk("bundle", "--out", tmp_path / "out", *words)
    assert status == 2
    assert said in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_without_the_hubs_packages_its_commands_say_so(tmp_path: Path) -> None:
    """As on a kiosk that a bundle set up."""
    lines = (
        "import sys",
        "sys.modules['alembic'] = None",
        f"sys.argv = ['kiosk', 'hub', 'migrate', '--data', {str(tmp_path)!r}]",
        "from terminal.cli import main",
        "main()",
    )
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.startswith("kiosk: needs the Python package alembic: ")
    assert len(done.stderr.splitlines()) == 1
