"""Google's speech embedding on onnxruntime: what a wake word's head listens to.

Every 80 ms one vector of the last 775 ms. Computed as it comes or over a whole recording, the
result is the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.base import Samples
from models.onnx_session import open_session

STEP_SAMPLES = 1280
"""80 ms: eight mel frames, and the next vector."""
STEP_S = 0.08
WIDTH = 96
BEFORE_SAMPLES = 480
"""The mel model's windows reach so far back before a step."""
WINDOW_FRAMES, STEP_FRAMES, BANDS = 76, 8, 32
FULL_SCALE = 32768.0
"""The models were made for samples as integers of 16 bits."""
BATCH = 256


class SpeechEmbedding:
    """About 2.5 ms a step on one core. Keeps no state."""

    def __init__(self, folder: Path) -> None:
        self._mel = open_session(folder / "melspectrogram.onnx", threads=1)
        self._embed = open_session(folder / "embedding_model.onnx", threads=1)

    def mel(self, samples: Samples) -> Samples:
        """One step with what is before it, float32 [480 + 1280], 16 kHz, -1..1 -> [8, 32]."""
        scaled = (samples * FULL_SCALE)[None, :].astype(np.float32)
        decibel = self._mel.run(None, {"input": scaled})[0]
        mel: Samples = decibel[0, 0] / np.float32(10) + np.float32(2)
        return mel

    def vectors(self, windows: Samples) -> Samples:
        """float32 [n, 76, 32] -> [n, 96]."""
        found: Samples = self._embed.run(None, {"input_1": windows[..., None]})[0]
        return found.reshape(len(windows), WIDTH)

    def whole(self, samples: Samples) -> Samples:
        """A whole recording, float32 [n], -> one vector for each whole step, [n // 1280, 96].

        As a stream would give them that was silent before.
        """
        steps = len(samples) // STEP_SAMPLES
        if not steps:
            return np.zeros((0, WIDTH), np.float32)
        heard = np.concatenate(
            [np.zeros(BEFORE_SAMPLES, np.float32), samples[: steps * STEP_SAMPLES]]
        )
        # Step by step: the mel model's floor is 80 dB under the loudest frame that it is given.
        pieces = [
            self.mel(heard[at : at + BEFORE_SAMPLES + STEP_SAMPLES])
            for at in range(0, steps * STEP_SAMPLES, STEP_SAMPLES)
        ]
        mel = np.concatenate([self.silent_mel(), *pieces])
        windows = np.lib.stride_tricks.sliding_window_view(mel, (WINDOW_FRAMES, BANDS))[:, 0]
        ends = windows[STEP_FRAMES::STEP_FRAMES][:steps]
        return np.concatenate(
            [
                self.vectors(np.ascontiguousarray(ends[at : at + BATCH]))
                for at in range(0, steps, BATCH)
            ]
        )

    def silence(self, steps: int) -> Samples:
        """The vectors of so many steps of silence, [steps, 96]."""
        return np.repeat(self.vectors(self.silent_mel()[None]), steps, axis=0)

    def silent_mel(self) -> Samples:
        """The mel frames of silence that precede a stream, [76, 32]."""
        steps = -(-WINDOW_FRAMES // STEP_FRAMES)
        step = self.mel(np.zeros(BEFORE_SAMPLES + STEP_SAMPLES, np.float32))
        return np.concatenate([step] * steps)[-WINDOW_FRAMES:]
