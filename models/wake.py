"""A wake word heard in a stream: the speech embedding, and a small head trained for one phrase."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from models.base import Samples
from models.onnx_session import open_session
from models.speech_embedding import (
    BEFORE_SAMPLES,
    STEP_SAMPLES,
    WIDTH,
    WINDOW_FRAMES,
    SpeechEmbedding,
)

HEARD_STEPS = 24
"""Steps that the head looks at: 2.6 s with the embedding's own window."""
TRAINED = Path(__file__).parent / "trained"


class WakeWord:
    """Hears its phrase. About 2.5 ms of one core for each 80 ms."""

    def __init__(self, embedding: SpeechEmbedding, head: Path) -> None:
        """`head`: made by `kiosk models train wake`, with its phrase in it."""
        if not head.is_file():
            raise KioskError(
                "missing", f"{head}: no such wake word; run: kiosk models train wake --phrase …"
            )
        self._embedding = embedding
        self._head = open_session(head, threads=1)
        self.phrase = str(json.loads(self._note("wake"))["phrase"])
        self._silent_mel = embedding.silent_mel()
        self._silent = embedding.silence(HEARD_STEPS)
        self.reset()

    def reset(self) -> None:
        """Forget the sound before."""
        self._sound = np.zeros(BEFORE_SAMPLES, np.float32)
        self._mel = self._silent_mel
        self._vectors = self._silent
        self.score = 0.0

    def push(self, samples: Samples) -> float:
        """The next float32 [512], 16 kHz -> how sure it is that the phrase has just ended, 0..1."""
        self._sound = np.concatenate([self._sound, samples])
        while len(self._sound) >= BEFORE_SAMPLES + STEP_SAMPLES:
            self._step(self._sound[: BEFORE_SAMPLES + STEP_SAMPLES])
            self._sound = self._sound[STEP_SAMPLES:]
        return self.score

    def _step(self, sound: Samples) -> None:
        self._mel = np.concatenate([self._mel, self._embedding.mel(sound)])[-WINDOW_FRAMES:]
        vector = self._embedding.vectors(self._mel[None])
        self._vectors = np.concatenate([self._vectors, vector])[-HEARD_STEPS:]
        self.score = float(self.scores(self._vectors[None])[0])

    def scores(self, vectors: Samples) -> Samples:
        """float32 [n, 24, 96] -> [n], 0..1."""
        found: Samples = self._head.run(None, {"vectors": vectors})[0]
        return found.reshape(-1)

    def whole(self, samples: Samples) -> Samples:
        """A whole recording, float32 [n] -> its score at the end of each 80 ms, [n // 1280]."""
        vectors = np.concatenate([self._silent, self._embedding.whole(samples)])
        windows = np.lib.stride_tricks.sliding_window_view(vectors, (HEARD_STEPS, WIDTH))[1:, 0]
        return self.scores(np.ascontiguousarray(windows))

    def _note(self, name: str) -> str:
        return str(self._head.get_modelmeta().custom_metadata_map.get(name, "{}"))
