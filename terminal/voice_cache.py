"""Spoken clauses kept on disk: approved answers are known in advance, so they play at once."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

log = logging.getLogger(__name__)

LIMIT_BYTES = 300_000_000
"""About three hours of speech as FLAC: some thirty packs like the samples."""
AGAIN_S = 300.0
"""After a write that failed: a disk is seldom mended sooner, and each try costs a clause."""
TRIM_TO = 0.9
"""Of the limit, when it is passed: not at every file."""


class VoiceCache:
    """A folder of FLAC files named by sha256(text, voice, speed); oldest use goes first."""

    def __init__(
        self,
        folder: Path,
        limit_bytes: int = LIMIT_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._again_at = float("-inf")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.warning("voice cache: no folder %s (%s)", folder, error)
        self._bytes = sum(size for _, size, _ in self._files())

    @property
    def takes(self) -> bool:
        """Whether a clause would be kept; not for a while after the disk refused one."""
        return self._clock() >= self._again_at

    @property
    def has_room(self) -> bool:
        """Whether more can be kept without dropping what is there."""
        return self._bytes < self._limit_bytes * TRIM_TO

    def __contains__(self, key: str) -> bool:
        return _is_there(self._file(key))

    def get(self, key: str) -> NDArray[np.int16] | None:
        """The clause's sound, int16 mono, or None. A damaged file is dropped."""
        file = self._file(key)
        if not _is_there(file):
            return None
        try:
            pcm, _ = soundfile.read(file, dtype="int16")
        except (OSError, soundfile.LibsndfileError):
            _drop(file)
            return None
        with contextlib.suppress(OSError):  # Another user's folder can still be read.
            os.utime(file)
        sound: NDArray[np.int16] = pcm
        return sound

    def put(self, key: str, pcm: NDArray[np.int16], rate_hz: int) -> None:
        """Keep int16 mono `pcm`. A full disk costs the cache, never the answer."""
        if not self.takes:
            return
        file = self._file(key)
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            soundfile.write(part, pcm, rate_hz, format="FLAC", subtype="PCM_16")
            self._bytes += part.stat().st_size
            part.replace(file)
        except (OSError, soundfile.LibsndfileError) as error:
            _drop(part)
            self._again_at = self._clock() + AGAIN_S
            log.warning("voice cache: cannot write in %s (%s)", self._folder, error)
        if self._bytes > self._limit_bytes:
            self._trim()

    def _trim(self) -> None:
        files = sorted(self._files())
        self._bytes = sum(size for _, size, _ in files)
        for _, size, file in files:
            if self._bytes <= self._limit_bytes * TRIM_TO:
                break
            _drop(file)
            self._bytes -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """Time of last use, bytes, file; what another process takes away meanwhile is left out."""
        found: list[Path] = []
        with contextlib.suppress(OSError):  # Not readable, or a card that fails.
            found += self._folder.glob("*.flac")
        for file in found:
            with contextlib.suppress(OSError):
                stat = file.stat()
                yield stat.st_mtime, stat.st_size, file

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.flac"


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:
        return False


def _drop(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()


def cache_key(text: str, voice: str, speed: float) -> str:
    """sha256 over everything that the sound depends on."""
    return hashlib.sha256(f"{text}\0{voice}\0{speed:.3f}".encode()).hexdigest()
