"""Which candidate is meant, and how likely: the trained ranker on onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.onnx_session import open_session
from models.sense import TRAINED


class Ranker:
    """Weighs candidates against one another, and all of them against none. About 0.1 ms."""

    def __init__(self, model: Path = TRAINED / "ranker.onnx") -> None:
        self._session = open_session(model, threads=1)

    def probabilities(
        self, candidates: NDArray[np.float32], question: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Of candidates float32 [k, features] and question float32 [features]: [k + 1], sums to 1.

        The last is the probability that none of them is meant.
        """
        inputs = {"candidates": candidates, "question": question}
        found: NDArray[np.float32] = self._session.run(None, inputs)[0]
        return found
