"""Makes the benchmark's questions again: python -m terminal.bench.make_questions

What is said, by whom and how fast stands in `questions/manifest.json`; the voices are those
that the kiosk may use itself, never the two that are kept for evaluation. Each file is 16 kHz
FLAC with a moment of silence at either end, as a microphone would give it.
"""

from __future__ import annotations

import json

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from models import engines
from models.base import EAR_RATE_HZ, Samples
from models.verbalize import verbalize
from terminal.bench import QUESTIONS

BEFORE_S = 0.3
AFTER_S = 0.1
PEAK = 0.5


def main() -> None:
    """Write every file of the manifest."""
    rows = json.loads((QUESTIONS / "manifest.json").read_text("utf-8"))
    for voice_name in sorted({row["voice"] for row in rows}):
        voice = engines.voice(f"kokoro-zh/{voice_name}")
        for row in (row for row in rows if row["voice"] == voice_name):
            audio = voice.say(verbalize(row["text"]), row["speed"])
            pcm = recording(audio, voice.sample_rate_hz)
            soundfile.write(QUESTIONS / row["file"], pcm, EAR_RATE_HZ, subtype="PCM_16")


def recording(audio: Samples, rate_hz: int) -> NDArray[np.int16]:
    """`audio` as 16 kHz int16 at one loudness, with silence around it."""
    heard = soxr.resample(audio, rate_hz, EAR_RATE_HZ)
    heard = heard * (PEAK / float(np.abs(heard).max()))
    around = (round(BEFORE_S * EAR_RATE_HZ), round(AFTER_S * EAR_RATE_HZ))
    return (np.pad(heard, around) * 32767).astype(np.int16)


if __name__ == "__main__":
    main()
