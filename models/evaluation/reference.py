"""What one would build without this project: faster-whisper as it comes, then the whole answer.

Nothing in it is slowed down: the same Whisper weights in int8, as many threads, the language
told, the same voice, everything loaded and primed. Only the pipeline differs.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import opencc

from fleet.errors import KioskError
from models.base import EAR_RATE_HZ, Samples, Transcript, Voice
from models.verbalize import verbalize


class ReferenceRecognizer:
    """faster-whisper's defaults: 30 s window, beam 5, timestamps, temperature fallback.

    int8 is what its README shows for a CPU; the default there is float32 and 1.5 times slower.
    """

    def __init__(self, folder: Path, threads: int = 2, language: str = "zh") -> None:
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise KioskError(
                "missing",
                "the benchmarks compare with faster-whisper; run: pip install faster-whisper",
            ) from error
        # It reports every file at INFO.
        logging.getLogger("faster_whisper").setLevel(logging.WARNING)
        self._model = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads
        )
        self._language = language
        # Whisper mixes in traditional characters, which no pack is written in.
        self._simplify = opencc.OpenCC("t2s").convert
        self.hear(np.zeros(EAR_RATE_HZ, np.float32))

    def hear(self, audio: Samples) -> Transcript:
        """Decode float32 16 kHz `audio`."""
        segments, _ = self._model.transcribe(audio, language=self._language)
        parts = [(segment.text, segment.avg_logprob) for segment in segments]
        text = self._simplify("".join(text for text, _ in parts)).strip()
        mean = float(np.mean([probability for _, probability in parts])) if parts else 0.0
        return Transcript(text, self._language, mean)


class ReferenceVoice:
    """Makes the whole answer before it plays any of it."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def say(self, answer: str) -> Samples:
        """All of `answer` in one call."""
        return self._voice.say(verbalize(answer))
