"""Text to speech by Kokoro (82 M, int8 ONNX): 24 kHz, Mandarin and English voices.

All voices of a process share one model: a second voice costs half a megabyte.
"""

from __future__ import annotations

import json
from copy import copy
from functools import lru_cache
from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from models import pronounce, pronounce_english
from models.base import Samples
from models.onnx_session import BurstSession

SAMPLE_RATE_HZ = 24_000
MAX_TOKENS = 510
STYLE_SHAPE = (510, 1, 256)
"""One style vector for each length in tokens."""
SILENCE_LEVEL = 0.004
EDGE_S = 0.04
"""Silence kept at either end of a clause; Kokoro gives up to 0.6 s."""


ENGLISH = ("af_", "am_", "bf_", "bm_")
"""How Kokoro's names of English speakers begin; the Mandarin ones begin with zf_ and zm_."""


class KokoroVoice:
    """Loads in about 1 s; needs 0.35-0.5 of the speech's own length on two x86 cores."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(
        self,
        folder: Path,
        speaker: str = "zf_xiaoxiao",
        threads: int = 2,
        speakers: Path | None = None,
    ) -> None:
        """`speakers`: the folder of `speaker`, where it is another than the model's."""
        english = speaker.startswith(ENGLISH)
        self._speech = pronounce_english if english else pronounce
        language = "en" if english else "zh"
        self.name = f"kokoro-{language}/{speaker}/{self._speech.REVISION}"
        self._speakers = speakers or folder
        self._style = _style(self._speakers, speaker)
        self.session, self._ids = _model(folder, threads)
        self._speech.prime()
        self.say("Hello." if english else "您好")

    def say(self, text: str, speed: float = 1.0) -> Samples:
        """Speak one clause, float32 at 24 kHz, trimmed of long silence at its ends."""
        tokens = [self._ids[p] for p in self._speech.phonemes(text) if p in self._ids][:MAX_TOKENS]
        if not any(char.isalnum() for char in text) or not tokens:
            return np.zeros(0, np.float32)
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style[min(len(tokens), len(self._style) - 1)],
            "speed": np.array([speed], np.float32),
        }
        audio: Samples = self.session.run(inputs)[0]
        return trimmed(audio)

    def blended(self, speaker: str, share: float, folder: Path | None = None) -> KokoroVoice:
        """Another voice: this one with `share` (0..1) of another speaker, from `folder` if given.

        Speakers of any language will do: they then speak this one's.
        """
        voice = copy(self)
        voice.name = f"{self.name}+{share:g}*{speaker}"
        style = _style(folder or self._speakers, speaker)
        voice._style = (1 - share) * self._style + share * style
        return voice

    def unsayable(self, text: str) -> list[str]:
        """Characters whose sound Kokoro has no token for."""
        return sorted(
            {
                char
                for char in text
                if char.isalnum() and any(p not in self._ids for p in self._speech.phonemes(char))
            }
        )


def trimmed(audio: Samples) -> Samples:
    """`audio` without the silence beyond a short edge on either side."""
    loud = np.flatnonzero(np.abs(audio) > SILENCE_LEVEL)
    if not len(loud):
        return audio[:0]
    edge = int(EDGE_S * SAMPLE_RATE_HZ)
    return audio[max(loud[0] - edge, 0) : loud[-1] + edge]


@lru_cache(maxsize=1)
def _model(folder: Path, threads: int) -> tuple[BurstSession, dict[str, int]]:
    """The network, and the token of each phoneme."""
    vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
    return BurstSession(folder / "kokoro.onnx", threads), vocabulary["vocab"]


def _style(folder: Path, speaker: str) -> Samples:
    file = folder / f"{speaker}.bin"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.bin")))
        raise KioskError("input", f"voice {speaker!r} is not in {folder}; choose one of: {known}")
    return np.fromfile(file, "<f4").reshape(STYLE_SHAPE)
