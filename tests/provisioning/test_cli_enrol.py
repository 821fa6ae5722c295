from __future__ import annotations

from pathlib import Path

import pytest

from provisioning import cli_enrol
from terminal.errors import KioskError

TOKEN = f"abc123.{'x' * 32}"


def test_an_enrolment_is_not_overwritten_by_chance(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(KioskError, match="--again makes a new one"):
        cli_enrol.enrol(None, "127.0.0.1:1", TOKEN, "hall-1", tmp_path)


def test_a_second_installation_finds_the_kiosk_enrolled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'device = "hall-1"\n[hub]\nenrol = "127.0.0.1:1"\ntoken = "{TOKEN}"\n')
    (tmp_path / "keys.json").write_text("{}")
    cli_enrol.enrol(site, trust=tmp_path)
    assert capsys.readouterr().out.startswith("终端 hall-1 已经登记过")
