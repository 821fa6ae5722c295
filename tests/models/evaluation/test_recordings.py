"""Folders of recordings, and what is said of those that are not as they should be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fleet.errors import KioskError
from models.evaluation import recordings


def recording(file: Path, seconds: float = 0.1, rate_hz: int = 16_000, channels: int = 1) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    shape = (int(seconds * rate_hz), channels)
    soundfile.write(file, np.full(shape, 0.25, np.float32), rate_hz)


def manifest(folder: Path, *rows: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(rows), "utf-8")


def test_the_manifest_lies_in_the_folder(tmp_path: Path) -> None:
    recording(tmp_path / "a.flac")
    manifest(tmp_path, {"file": "a.flac", "text": "你好", "answer_id": "site.hours"})
    (found,) = recordings.spoken(tmp_path)
    assert (found.row.text, found.row.answer_id, found.file) == (
        "你好",
        "site.hours",
        tmp_path / "a.flac",
    )
    assert len(found.audio()) == 1600


def test_or_above_it_and_tells_of_other_folders_too(tmp_path: Path) -> None:
    recording(tmp_path / "speech" / "a.flac")
    recording(tmp_path / "noise" / "b.flac")
    manifest(tmp_path, {"file": "speech/a.flac", "text": "你好"}, {"file": "noise/b.flac"})
    assert [each.row.file for each in recordings.spoken(tmp_path / "speech")] == ["speech/a.flac"]


def test_any_rate_and_channels_become_16_khz_mono(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav", seconds=0.5, rate_hz=44_100, channels=2)
    audio = recordings.read(tmp_path / "a.wav")
    assert audio.shape == (8000,)
    assert audio.dtype == np.float32


def test_sounds_need_no_manifest(tmp_path: Path) -> None:
    recording(tmp_path / "b.wav")
    recording(tmp_path / "a.flac")
    (tmp_path / "notes.txt").write_text("x")
    assert [file.name for file in recordings.sounds(tmp_path)] == ["a.flac", "b.wav"]


def refused(folder: Path) -> str:
    with pytest.raises(KioskError) as caught:
        recordings.spoken(folder)
    assert caught.value.code == "input"
    assert "\n" not in caught.value.message
    return caught.value.message


def test_a_missing_folder_is_told_with_the_layout(tmp_path: Path) -> None:
    message = refused(tmp_path / "none")
    assert "no such folder" in message
    assert "manifest.json" in message


def test_a_missing_manifest_is_told_with_the_layout(tmp_path: Path) -> None:
    assert '"text"' in refused(tmp_path)


def test_broken_manifests_are_told_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[{]", "utf-8")
    assert "not readable JSON" in refused(tmp_path)
    manifest(tmp_path, {"text": "你好"})
    assert "row 0.file" in refused(tmp_path)
    manifest(tmp_path, {"file": "gone.flac", "text": "你好"})
    assert "gone.flac" in refused(tmp_path)
    recording(tmp_path / "a.flac")
    manifest(tmp_path, {"file": "a.flac"})
    assert "no row" in refused(tmp_path)


def test_a_file_that_is_no_sound_and_a_folder_without_any(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("not a sound")
    with pytest.raises(KioskError, match="not a readable"):
        recordings.read(tmp_path / "a.wav")
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "none"):
        with pytest.raises(KioskError):
            recordings.sounds(tmp_path / folder)
