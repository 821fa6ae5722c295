"""Spoken clauses kept on disk: approved answers are known in advance, so they play at once."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

log = logging.getLogger(__name__)

LIMIT_BYTES = 300_000_000
"""About three hours of speech as FLAC: some thirty packs like the samples."""
TRIM_TO = 0.9
"""Of the limit, when it is passed: not at every file."""


class VoiceCache:
    """A folder of FLAC files named by sha256(text, voice, speed); oldest use goes first."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._bytes = sum(file.stat().st_size for file in folder.glob("*.flac"))

    def __contains__(self, key: str) -> bool:
        return self._file(key).is_file()

    def get(self, key: str) -> NDArray[np.int16] | None:
        """The clause's sound, int16 mono, or None. A damaged file is dropped."""
        file = self._file(key)
        try:
            pcm, _ = soundfile.read(file, dtype="int16")
            os.utime(file)
        except FileNotFoundError:
            return None
        except (OSError, soundfile.LibsndfileError):
            file.unlink(missing_ok=True)
            return None
        sound: NDArray[np.int16] = pcm
        return sound

    def put(self, key: str, pcm: NDArray[np.int16], rate_hz: int) -> None:
        """Keep int16 mono `pcm`. A full disk costs the cache, never the answer."""
        file = self._file(key)
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            soundfile.write(part, pcm, rate_hz, format="FLAC", subtype="PCM_16")
            self._bytes += part.stat().st_size
            os.replace(part, file)
        except (OSError, soundfile.LibsndfileError) as error:
            part.unlink(missing_ok=True)
            log.warning("voice cache: cannot write in %s (%s)", self._folder, error)
        if self._bytes > self._limit_bytes:
            self._trim()

    def _trim(self) -> None:
        files = sorted((file.stat().st_mtime, file) for file in self._folder.glob("*.flac"))
        sizes = {file: file.stat().st_size for _, file in files}
        self._bytes = sum(sizes.values())
        for _, file in files:
            if self._bytes <= self._limit_bytes * TRIM_TO:
                break
            file.unlink(missing_ok=True)
            self._bytes -= sizes[file]

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.flac"


def cache_key(text: str, voice: str, speed: float) -> str:
    """sha256 over everything that the sound depends on."""
    return hashlib.sha256(f"{text}\0{voice}\0{speed:.3f}".encode()).hexdigest()
