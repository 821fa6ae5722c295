"""Recordings with their true text: a folder of FLAC or WAV and its `manifest.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from fleet.errors import KioskError
from models.base import EAR_RATE_HZ, Samples

MANIFEST = "manifest.json"
SOUND = (".flac", ".wav")
LAYOUT = (
    "FLAC or WAV files and, beside them or one folder up, manifest.json: a list of rows "
    '{"file": "speech_zh/a.flac", "text": "…"}, `file` as seen from the manifest'
)


class Row(BaseModel):
    """One row of a manifest; what else it tells is ignored."""

    model_config = ConfigDict(frozen=True)

    file: str
    """As seen from the manifest's own folder."""
    text: str = ""
    """What is said; empty for noise."""
    pack: str = ""
    answer_id: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that is there, and what is known of it."""

    file: Path
    row: Row

    def audio(self) -> Samples:
        """16 kHz mono, float32 [n]."""
        return read(self.file)


def spoken(folder: Path) -> list[Recording]:
    """The recordings of `folder` that have a text; KioskError says what layout is needed."""
    found = [each for each in listed(folder) if each.row.text]
    if not found:
        raise KioskError("input", f"{folder}: no row of its manifest has a text; needed: {LAYOUT}")
    return found


def listed(folder: Path) -> list[Recording]:
    """The recordings of `folder` in the order of the manifest beside or above them."""
    if not folder.is_dir():
        raise KioskError("input", f"{folder}: no such folder; needed: {LAYOUT}")
    manifest = next((m for m in (folder / MANIFEST, folder.parent / MANIFEST) if m.is_file()), None)
    if manifest is None:
        raise KioskError("input", f"{folder}: no {MANIFEST} in it or above it; needed: {LAYOUT}")
    inside = folder.resolve()
    found = [Recording(manifest.parent / row.file, row) for row in _rows(manifest)]
    found = [each for each in found if each.file.resolve().is_relative_to(inside)]
    for each in found:
        if not each.file.is_file():
            raise KioskError("input", f"{manifest}: {each.row.file} is not there; mend the row")
    return found


def sounds(folder: Path) -> list[Path]:
    """Every sound file of a folder that needs no manifest, by name."""
    if not folder.is_dir():
        raise KioskError("input", f"{folder}: no such folder; give one with FLAC or WAV files")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SOUND)
    if not files:
        raise KioskError("input", f"{folder}: no FLAC or WAV file in it")
    return files


def read(file: Path) -> Samples:
    """16 kHz mono, float32 [n]; any rate and number of channels is brought to that."""
    try:
        audio, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise KioskError("input", f"{file}: not a readable WAV or FLAC file") from error
    mono: Samples = audio.mean(axis=1, dtype=np.float32)
    if rate_hz != EAR_RATE_HZ:
        mono = soxr.resample(mono, rate_hz, EAR_RATE_HZ)
    return mono


def _rows(manifest: Path) -> list[Row]:
    try:
        return TypeAdapter(list[Row]).validate_python(json.loads(manifest.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise KioskError("input", f"{manifest}: not readable JSON ({error})") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KioskError("input", f"{manifest}: row {place}: {first['msg']}") from error
