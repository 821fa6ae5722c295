"""Sentence meaning: Google's Universal Sentence Encoder, multilingual v3, on onnxruntime.

The weights come as a NumPy archive; the ONNX graph is built from them once (`use_m3_graph`) and
kept beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sentencepiece
from filelock import FileLock
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from fleet.errors import KioskError
from models.base import Samples
from models.onnx_session import open_session

DIMENSIONS = 512
GRAPH_NAME = "encoder-3.onnx"
MAX_TOKENS = 256
BATCH = 32


class UseM3:
    """Loads in about 0.3 s once its graph is built; 1-2 ms a sentence."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sp.model"))
        self._session = _session(folder, threads)
        self.encode(["您好"])

    @property
    def dimensions(self) -> int:
        """512."""
        return DIMENSIONS

    def encode(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, 512], unit rows; zero rows for empty sentences."""
        return self.states(sentences)[:, :DIMENSIONS]

    def states(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, 1024]: the vector, and beside it the mean it was made of, unit rows both.

        The mean still knows words that the last layers have let go: what is learned from both
        finds more than from either.
        """
        vectors = np.zeros((len(sentences), 2 * DIMENSIONS), np.float32)
        tokens = [self._tokens(sentence) for sentence in sentences]
        filled = [i for i, sentence in enumerate(sentences) if sentence.strip()]
        # Neighbours in length share a batch: less padding to compute.
        filled.sort(key=lambda i: len(tokens[i]))
        for start in range(0, len(filled), BATCH):
            rows = filled[start : start + BATCH]
            vectors[rows] = self._encode([tokens[i] for i in rows])
        return vectors

    def _tokens(self, sentence: str) -> list[int]:
        ids: list[int] = self._pieces.encode(sentence, add_bos=True, add_eos=True)
        return ids[:MAX_TOKENS]

    def _encode(self, rows: list[list[int]]) -> NDArray[np.float32]:
        width = max(len(row) for row in rows)
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width, 1), np.float32)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        vector, mean = self._session.run(["vector", "mean"], {"ids": ids, "mask": mask})
        mean /= np.linalg.norm(mean, axis=1, keepdims=True)
        joined: NDArray[np.float32] = np.concatenate([vector, mean], axis=1)
        return joined


def _session(folder: Path, threads: int) -> InferenceSession:
    graph = folder / GRAPH_NAME
    try:
        with FileLock(folder / f"{GRAPH_NAME}.lock"):
            if not graph.is_file():
                _build(folder, graph)
    except OSError as error:
        # An installed kiosk may not write here, and need not: the installer had the graph made.
        if not graph.is_file():
            raise KioskError(
                "missing",
                f"{graph}: cannot be written ({error.strerror}); make the folder writable",
            ) from error
    try:
        return open_session(graph, threads)
    except KioskError:
        # A graph cut short by a power failure is made again; the weights are hash-checked.
        graph.unlink()
        _build(folder, graph)
        return open_session(graph, threads)


def _build(folder: Path, graph: Path) -> None:
    from models.use_m3_graph import build

    for old in folder.glob("encoder-*.onnx"):
        old.unlink()
    with np.load(folder / "weights.npz", allow_pickle=False) as archive:
        build({name: archive[name] for name in archive.files}, graph)
