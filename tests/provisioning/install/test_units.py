"""The units that are shipped: systemd itself says whether they are right, and how tight."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[3] / "provisioning/systemd"
UNITS = SYSTEMD / "units"
WORST = {"lobby-kiosk.service": 2.0, "lobby-kiosk-enrol.service": 2.0}
"""Of 10: what `systemd-analyze security` may say at most."""


def analyze(*arguments: str) -> str:
    command = ["systemd-analyze", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("unit", sorted(WORST))
def test_the_sandbox_is_tight(unit: str) -> None:
    said = analyze("security", "--offline=true", "--no-pager", str(UNITS / unit))
    found = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= WORST[unit]


@pytest.mark.parametrize("unit", sorted(WORST))
def test_what_the_sandbox_forbids_fails_and_does_not_kill(unit: str) -> None:
    # Numerical libraries ask where memory shall lie (mbind), and go on where they may not.
    assert "SystemCallErrorNumber=EPERM" in (UNITS / unit).read_text().splitlines()


def test_every_line_of_the_units_is_known_to_systemd(tmp_path: Path) -> None:
    # Programs that are not on this machine are no fault of a unit.
    for unit in UNITS.iterdir():
        text = re.sub(
            r"(?m)^(Exec\w+=[-+]?)/opt/\S+|/usr/bin/(?:cage|flock)",
            r"\1/bin/true",
            unit.read_text(),
        )
        (tmp_path / unit.name).write_text(text)
    said = analyze("verify", "--man=no", *map(str, sorted(tmp_path.iterdir())))
    assert [line for line in said.splitlines() if "lobby-kiosk" in line] == []


def test_the_browser_is_locked_to_the_kiosks_page() -> None:
    policy = json.loads((SYSTEMD / "etc/chromium/policies/managed/lobby-kiosk.json").read_text())
    assert policy["URLBlocklist"] == ["*"]
    assert policy["URLAllowlist"] == ["http://127.0.0.1:8080"]
    unit = (UNITS / "lobby-kiosk-screen.service").read_text()
    assert "--use-fake" not in unit
    assert "--no-sandbox" not in unit


def test_systemd_is_there_to_ask() -> None:
    assert shutil.which("systemd-analyze")
