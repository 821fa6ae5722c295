"""A second opinion on a wake word: was it the phrase, by what Whisper's encoder makes of it?

The encoder knows the sounds of Mandarin far better than the small embedding that listens all the
time; it costs a tenth of a second, and is asked only when that one believes that it was called.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from models.base import EAR_RATE_HZ, Samples
from models.onnx_session import open_session
from models.whisper import WhisperRecognizer

HEARD_SAMPLES = 38_400
"""2.4 s, of which the phrase is the last part: slowly said it takes 1.9 s, and the detector may
be 0.4 s late. With less the first syllable would be cut off, and any other be as good."""
STATES, WIDTH = 120, 512
TAIL_S = 1.0
"""Silence behind it for the encoder."""


class WakeCheck:
    """About 0.1 s of one core a call."""

    def __init__(self, whisper: WhisperRecognizer, model: Path) -> None:
        """`model`: made by `kiosk models train wake` for the encoder of `whisper`."""
        if not model.is_file():
            raise KioskError(
                "missing", f"{model}: no such check; run: kiosk models train wake --phrase …"
            )
        self._whisper = whisper
        self._session = open_session(model, threads=1)

    def logit(self, audio: Samples) -> float:
        """float32 16 kHz up to just behind the phrase -> log odds that it was the phrase."""
        found = self._session.run(None, {"states": states(self._whisper, audio)[None]})[0]
        return float(found.reshape(-1)[0])


def states(whisper: WhisperRecognizer, audio: Samples) -> Samples:
    """The encoder's states of the last 2.4 s, [120, 512]."""
    audio = audio[-HEARD_SAMPLES:]
    before = np.zeros(HEARD_SAMPLES - len(audio), np.float32)
    behind = np.zeros(int(TAIL_S * EAR_RATE_HZ), np.float32)
    return whisper.states(np.concatenate([before, audio, behind]))[:STATES]
