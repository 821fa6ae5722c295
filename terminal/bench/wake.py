"""Is the kiosk called by its phrase, and by nothing else? Recordings through both stages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hardware.base import FRAME_RATE_HZ, FRAME_SAMPLES
from models.base import Samples, WakeDetector
from models.evaluation import recordings
from terminal.waking import Look, WakeSettings
from terminal.watchword import Watchword

BEHIND_S = 1.0
"""Silence behind a recording, in which its last word can be noticed."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was made of one recording."""

    file: str
    accepted: bool
    score: float
    """The detector's highest."""
    at_s: tuple[float, ...]
    """From the beginning to each acceptance."""
    candidates: int
    """Looks of the second stage."""
    seconds: float
    """How long the recording is."""


class Bench:
    """Both stages, one recording after another."""

    def __init__(
        self, detector: WakeDetector, look: Callable[[Samples], Look], settings: WakeSettings
    ) -> None:
        self._detector = detector
        self._look = look
        self._settings = settings

    def file(self, file: Path) -> Row:
        """A WAV or FLAC. Raises KioskError."""
        return self.sound(str(file), recordings.read(file))

    def sound(self, name: str, samples: Samples) -> Row:
        """float32 [n], 16 kHz, as a stream that was silent before."""
        best, looks, accepted = 0.0, 0, []

        def look(audio: Samples) -> Future[Look]:
            nonlocal looks
            looks += 1
            done: Future[Look] = Future()
            done.set_result(self._look(audio))
            return done

        watch = Watchword(self._detector, look, self._settings)
        watch.forget()
        behind = np.zeros(int(BEHIND_S * FRAME_RATE_HZ), np.float32)
        heard = np.concatenate([samples, behind])
        for at in range(0, len(heard) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
            called = watch.push(heard[at : at + FRAME_SAMPLES].copy())
            best = max(best, watch.score)
            if called is not None:
                accepted.append(round((at + FRAME_SAMPLES) / FRAME_RATE_HZ, 2))
        seconds = len(samples) / FRAME_RATE_HZ
        return Row(name, bool(accepted), round(best, 3), tuple(accepted), looks, seconds)


def line(row: Row) -> str:
    """One JSON line."""
    told: dict[str, Any] = {
        "file": row.file,
        "accepted": row.accepted,
        "score": row.score,
        "at_s": row.at_s[0] if row.at_s else None,
    }
    if len(row.at_s) > 1:
        told["all_at_s"] = row.at_s
    return json.dumps(told, ensure_ascii=False)


def share(rows: Sequence[Row]) -> float:
    """Of those accepted; 0 without any."""
    return sum(row.accepted for row in rows) / len(rows) if rows else 0.0


def an_hour(rows: Sequence[Row]) -> tuple[int, float]:
    """Acceptances, and hours of sound."""
    return sum(len(row.at_s) for row in rows), sum(row.seconds for row in rows) / 3600
