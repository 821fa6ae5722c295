"""Both benchmarks on two clips: they run, and their JSON says what README quotes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from terminal.bench import QUESTIONS
from terminal.cli import app
from terminal.errors import KioskError

runner = CliRunner()


def run(*arguments: str) -> Any:
    result = runner.invoke(app, ["bench", *arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


@pytest.mark.models
def test_latency_of_two_questions() -> None:
    found = run("latency", "--pack", "gov-hall", "--limit", "2")
    assert found["clips"] == 2
    assert len(found["rows"]) == 6
    for answers in (found["kiosk"]["cached"], found["kiosk"]["cold"], found["reference"]):
        assert answers["known"] == 2
        assert answers["end_of_speech_to_first_audio"]["p50"] > answers["endpoint"]["p50"]
    assert found["ratio"]["p50"] > 1
    assert found["rss_mb"] > 100


@pytest.mark.models
def test_speech_of_two_recordings(tmp_path: Path) -> None:
    speech, noise = tmp_path / "speech", tmp_path / "noise"
    speech.mkdir()
    noise.mkdir()
    for name in ("gov-01.flac", "gov-02.flac", "manifest.json"):
        shutil.copy(QUESTIONS / name, speech)
    rows = json.loads((speech / "manifest.json").read_text("utf-8"))[:2]
    (speech / "manifest.json").write_text(json.dumps(rows), "utf-8")
    shutil.copy(QUESTIONS / "bank-01.flac", noise)
    found = run("speech", str(speech), "--noise", str(noise), "--limit", "2")
    conditions = ["clean", "noise 10 dB", "noise 5 dB", "babble 10 dB", "babble 5 dB"]
    assert list(found["general"]) == conditions
    assert list(found["questions"]) == conditions
    clean = found["questions"]["clean"]
    assert list(clean) == ["kiosk, first pass", "kiosk", "reference"]
    assert clean["kiosk"]["character_error_rate"] < 0.5
    assert clean["kiosk"]["times_faster"] > 1


def test_a_missing_folder_says_what_is_needed(tmp_path: Path) -> None:
    result = runner.invoke(app, ["bench", "speech", str(tmp_path / "none")])
    assert isinstance(result.exception, KioskError)
    assert result.exception.exit_status == 2
    assert "manifest.json" in result.exception.message
