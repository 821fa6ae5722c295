from __future__ import annotations

import time
from pathlib import Path

import pytest

from provisioning import cli_enrol
from terminal.enrolling import Unreachable
from terminal.errors import KioskError
from tests.terminal.papers import certificate

TOKEN = f"abc123.{'x' * 32}"
DAY_S = 86_400


class Folder:
    """Of a kiosk that is enrolled, and its site file; nobody listens where that points to."""

    def __init__(self, folder: Path) -> None:
        self.trust = folder / "trust"
        self.trust.mkdir()
        self.site = folder / "site.toml"
        (self.trust / "keys.json").write_text("{}")
        self.is_of("hall-1", days=100)

    def is_of(self, device: str, days: int) -> None:
        content = certificate(device, time.time() + days * DAY_S)
        (self.trust / "device.pem").write_bytes(content)

    def enrol(self, token: str = TOKEN) -> None:
        given = f'token = "{token}"\n' if token else ""
        self.site.write_text(f'device = "hall-1"\n[hub]\nenrol = "127.0.0.1:1"\n{given}')
        cli_enrol.enrol(self.site, trust=self.trust, wait_s=0)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_an_enrolment_is_not_overwritten_by_chance(folder: Folder) -> None:
    with pytest.raises(KioskError, match="--again makes a new one"):
        cli_enrol.enrol(None, "127.0.0.1:1", TOKEN, "hall-1", folder.trust)


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_second_installation_finds_the_kiosk_enrolled(
    folder: Folder, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.enrol(token)
    assert capsys.readouterr().out.startswith("终端 hall-1 已经登记过")


@pytest.mark.parametrize(
    ("device", "days", "said"),
    [
        ("hall-1", -3, "终端 hall-1 的证书已于 20"),
        ("hall-2", 100, "本机的证书是发给终端 hall-2 的，不是 hall-1 的"),
    ],
)
def test_a_certificate_of_no_use_needs_a_new_token(
    folder: Folder, device: str, days: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.is_of(device, days)
    with pytest.raises(KioskError, match=said) as wrong:
        folder.enrol(token="")
    assert "kiosk fleet enrol-token --device hall-1" in wrong.value.message
    assert "\n" not in wrong.value.message
    # With a token it asks the hub, that is not there.
    with pytest.raises(Unreachable):
        folder.enrol()
    told = capsys.readouterr()
    assert told.err.startswith(said)
    assert "现用令牌重新登记" in told.err
    assert told.out == ""


def test_without_any_token_nothing_is_begun(folder: Folder) -> None:
    (folder.trust / "keys.json").unlink()
    with pytest.raises(KioskError, match="没有登记令牌"):
        folder.enrol(token="")
