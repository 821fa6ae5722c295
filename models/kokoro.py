"""Text to speech by Kokoro (82 M, int8 ONNX): 24 kHz, Mandarin voices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from models import pronounce
from models.base import Samples
from models.onnx_session import open_session

SAMPLE_RATE_HZ = 24_000
MAX_TOKENS = 510
STYLE_SHAPE = (510, 1, 256)
"""One style vector for each length in tokens."""
SILENCE_LEVEL = 0.004
EDGE_S = 0.04
"""Silence kept at either end of a clause; Kokoro gives up to 0.6 s."""


class KokoroVoice:
    """Loads in about 1 s; needs 0.35-0.5 of the speech's own length on two x86 cores."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self, folder: Path, speaker: str = "zf_xiaoxiao", threads: int = 2) -> None:
        self.name = f"kokoro-zh/{speaker}/{pronounce.REVISION}"
        self._style = _style(folder, speaker)
        vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
        self._ids: dict[str, int] = vocabulary["vocab"]
        self._session = open_session(folder / "kokoro.onnx", threads)
        pronounce.prime()
        self.say("您好")

    def say(self, text: str, speed: float = 1.0) -> Samples:
        """Speak one clause, float32 at 24 kHz, trimmed of long silence at its ends."""
        tokens = [self._ids[p] for p in pronounce.phonemes(text) if p in self._ids][:MAX_TOKENS]
        if not any(char.isalnum() for char in text) or not tokens:
            return np.zeros(0, np.float32)
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style[min(len(tokens), len(self._style) - 1)],
            "speed": np.array([speed], np.float32),
        }
        audio: Samples = self._session.run(None, inputs)[0]
        return trimmed(audio)

    def unsayable(self, text: str) -> list[str]:
        """Characters whose sound Kokoro has no token for."""
        return sorted(
            {
                char
                for char in text
                if char.isalnum() and any(p not in self._ids for p in pronounce.phonemes(char))
            }
        )


def trimmed(audio: Samples) -> Samples:
    """`audio` without the silence beyond a short edge on either side."""
    loud = np.flatnonzero(np.abs(audio) > SILENCE_LEVEL)
    if not len(loud):
        return audio[:0]
    edge = int(EDGE_S * SAMPLE_RATE_HZ)
    return audio[max(loud[0] - edge, 0) : loud[-1] + edge]


def _style(folder: Path, speaker: str) -> Samples:
    file = folder / f"{speaker}.bin"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("z*.bin")))
        raise KioskError("input", f"voice {speaker!r} is not in {folder}; choose one of: {known}")
    return np.fromfile(file, "<f4").reshape(STYLE_SHAPE)
