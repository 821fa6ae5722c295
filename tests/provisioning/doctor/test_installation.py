"""An installed kiosk's links, units and settings, below a root of the test's own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from provisioning.doctor import installation, settings_files
from provisioning.doctor.subject import Subject
from provisioning.layout import Layout
from terminal.config import Settings

RUNS = "LoadState=loaded\nUnitFileState=enabled\nActiveState=active\nNRestarts=0\n"


def installed(root: Path, *names: str) -> Layout:
    layout = Layout(root)
    for name in names:
        folder = layout.versions / name
        folder.mkdir(parents=True)
        (folder / "bundle.json").write_text("{}")
    return layout


def test_versions(tmp_path: Path) -> None:
    layout = installed(tmp_path, "0.1.0-aaaaaaaa", "0.2.0-bbbbbbbb")
    assert installation.judge_versions(layout).verdict == "fail"
    layout.current.symlink_to("versions/0.2.0-bbbbbbbb")
    layout.previous.symlink_to("versions/0.1.0-aaaaaaaa")
    row = installation.judge_versions(layout)
    assert (row.verdict, row.found) == ("ok", "在用 0.2.0-bbbbbbbb，可退回 0.1.0-aaaaaaaa")
    (layout.opt / "trial.json").write_text(
        json.dumps({"name": "0.2.0-bbbbbbbb", "before": "0.1.0-aaaaaaaa"})
    )
    assert installation.judge_versions(layout).verdict == "warn"
    (layout.versions / "0.2.0-bbbbbbbb/bundle.json").unlink()
    assert installation.judge_versions(layout).verdict == "fail"


def test_a_machine_without_installation_or_systemd_is_no_fault(tmp_path: Path) -> None:
    subject = Subject(Settings(), 0.0, Layout(tmp_path))
    assert [row.verdict for row in installation.look(subject)] == ["note"]
    installed(tmp_path, "0.1.0-aaaaaaaa").current.symlink_to("versions/0.1.0-aaaaaaaa")
    assert [row.verdict for row in installation.look(subject)] == ["ok", "note"]


@pytest.mark.parametrize(
    ("told", "verdict", "found"),
    [
        (RUNS, "ok", "正在运行"),
        (RUNS.replace("=loaded", "=not-found"), "fail", "没有装上"),
        (RUNS.replace("=enabled", "=disabled"), "fail", "不会自动启动"),
        (RUNS.replace("=active", "=failed"), "fail", "没有在运行"),
        (RUNS.replace("NRestarts=0", "NRestarts=4"), "warn", "重启 4 次"),
        ("", "fail", "没有装上"),
    ],
)
def test_units(told: str, verdict: str, found: str) -> None:
    rows = list(installation.units(lambda _unit: told))
    assert [row.id for row in rows] == [
        "installation.lobby-kiosk",
        "installation.lobby-kiosk-screen",
    ]
    assert all(row.verdict == verdict and found in row.found for row in rows)


def test_a_systemd_that_does_not_answer_is_a_note() -> None:
    def hangs(unit: str) -> str:
        raise subprocess.TimeoutExpired(unit, 5)

    assert {row.verdict for row in installation.units(hangs)} == {"note"}


def test_broken_settings_are_a_finding_and_the_boards_are_taken(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.etc.mkdir(parents=True)
    drop_in = layout.units / "lobby-kiosk.service.d"
    drop_in.mkdir(parents=True)
    (drop_in / "machine.conf").write_text("[Service]\nEnvironment=KIOSK_BOARD=raspberrypi5 A=b\n")
    layout.settings.write_text("[screen]\nport = 8090\n")
    settings, rows = settings_files.settings(layout, None, None)
    assert (settings.screen.port, settings.presence.camera, rows) == (8090, "default", [])
    for broken in ("[screen\n", "[screen]\nport = 'x'\n", "[tea]\n"):
        layout.settings.write_text(broken)
        settings, rows = settings_files.settings(layout, None, None)
        assert settings.presence.camera == "default"
        ((row),) = rows
        assert (row.id, row.verdict) == ("settings", "fail")
        assert str(layout.settings) in str(row.figures["error"])


def test_a_broken_trust_file_leaves_the_other_settings(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.etc.mkdir(parents=True)
    layout.trust.mkdir(parents=True)
    layout.settings.write_text("[screen]\nport = 8090\n")
    (layout.trust / "hub.toml").write_text("[hub\n")
    settings, rows = settings_files.settings(layout, None, None)
    assert settings.screen.port == 8090
    assert [row.verdict for row in rows] == ["fail"]


def test_site_file(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert settings_files.site(layout) == (None, [])
    layout.etc.mkdir(parents=True)
    layout.site.write_text('device = "Hall 1"\n')
    site, (row,) = settings_files.site(layout)
    assert site is None
    assert (row.id, row.verdict) == ("site", "fail")
    assert "device" in str(row.figures["error"])
