"""`kiosk doctor --quick`, as the installer runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminal.cli", "doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.models
def test_quick_has_a_line_for_each_finding_and_the_sum() -> None:
    done = doctor("--quick", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    rows, total = lines[:-1], lines[-1]
    assert done.returncode == (3 if total["fail"] else 0), done.stdout + done.stderr
    assert total["fail"] + total["warn"] + total["note"] + total["ok"] == len(rows)
    by_id = {row["id"]: row for row in rows}
    assert by_id["models"]["verdict"] == "ok"
    assert by_id["question.text"]["verdict"] == "ok", by_id["question.text"]
    assert by_id["pack.sample"]["verdict"] == "warn"


def test_without_models_it_fails_and_says_how_to_get_them(tmp_path: Path) -> None:
    done = doctor("--quick", "--only", "models", KIOSK_MODELS=str(tmp_path))
    assert done.returncode == 3
    assert "kiosk models pull" in done.stdout
    assert "故障 1 项" in done.stdout


def test_an_unknown_check_is_a_usage_error() -> None:
    done = doctor("--only", "tea")
    assert done.returncode == 2
    assert "no check 'tea'" in done.stderr


def test_broken_settings_are_one_finding_among_the_others(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("[screen\n")
    done = doctor("--only", "memory", "--json", "--config", str(file))
    first, *others, total = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, first["id"], first["verdict"]) == (3, "settings", "fail")
    assert str(file) in first["figures"]["error"]
    assert [row["id"] for row in others] == ["memory"]
    assert total["fail"] >= 1
