"""`kiosk models`, called as a person calls it, on a cache made for the test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.errors import KioskError
from models.catalog import builtin
from terminal.cli_models import app


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIOSK_MODELS", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path / "cache"


def half_of_face(cache: Path) -> Path:
    """One of the face pack's two files, of the right size and with the wrong content."""
    file = builtin().pack("face").files[0]
    path = cache / "face" / file.name
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(file.size or 0))
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_list_shows_every_pack_and_its_state(cache: Path) -> None:
    half_of_face(cache)
    out = run("list")
    lines = {line.split()[0]: line for line in out.splitlines() if line.split()}
    assert set(builtin().packs) <= set(lines)
    assert "partial" in lines["face"]
    assert "missing" in lines["whisper-base"]
    assert "147.9 MB" in lines["whisper-base"]
    assert "nobody of this project has run it yet" in " ".join(out.split())


def test_list_speaks_json(cache: Path) -> None:
    half_of_face(cache)
    rows = {row["name"]: row for row in json.loads(run("list", "--json"))}
    assert rows["face"]["state"] == "partial"
    assert rows["face"]["folder"] == str(cache / "face")
    assert rows["whisper-base"]["default"] is True
    assert rows["kokoro-eval-voices"]["evaluation_only"] is True
    assert rows["vosk-small-cn"]["size"] is None


def test_verify_without_names_looks_at_what_is_here(cache: Path) -> None:
    assert "no model packs in" in run("verify")
    half_of_face(cache)
    with pytest.raises(KioskError, match="not good: face; run: kiosk models pull face"):
        run("verify")


def test_verify_of_a_pack_that_is_not_here_fails(cache: Path) -> None:
    with pytest.raises(KioskError, match="not good: silero-vad"):
        run("verify", "silero-vad")
    with pytest.raises(KioskError, match="not good: vosk-small-cn"):
        run("verify", "vosk-small-cn")


def test_pull_refuses_mistakes_before_it_does_anything(cache: Path) -> None:
    with pytest.raises(KioskError, match="no model pack 'wisper'"):
        run("pull", "wisper")
    with pytest.raises(KioskError, match=r"vosk-small-cn --unverified$"):
        run("pull", "vosk-small-cn")
    with pytest.raises(KioskError, match="is the stick mounted"):
        run("pull", "--from", str(cache / "usb"))
    assert not cache.exists()


@pytest.mark.models
def test_a_pack_is_pulled_listed_and_verified(cache: Path) -> None:
    assert "silero-vad: done, 1.2 MB" in run("pull", "silero-vad")
    assert "silero-vad: already here" in run("pull", "silero-vad")
    rows = {row["name"]: row for row in json.loads(run("list", "--json"))}
    assert rows["silero-vad"]["state"] == "ready"
    assert run("verify") == "silero-vad: good\n"


def test_without_a_command_help_is_shown() -> None:
    result = CliRunner().invoke(app, [])
    assert "pull" in result.output
    assert "verify" in result.output
