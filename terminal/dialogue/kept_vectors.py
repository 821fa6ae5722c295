"""A pack's meaning kept on disk: 3,000 phrases cost five seconds to encode, and none to read.

Only long lists are kept, and those are the phrases of packs; what citizens say never is.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from knowledge import atomic
from models.base import Encoder, Samples

log = logging.getLogger(__name__)

LONG = 100
"""Sentences: longer than any list that one utterance makes."""
KEEP = 12
"""Files: a few packs, each with a few versions."""


class KeptVectors:
    """An `Encoder` that remembers long lists. `revision` names the model they belong to."""

    def __init__(self, encoder: Encoder, revision: str, folder: Path) -> None:
        self._encoder = encoder
        self._revision = revision
        self._folder = folder
        self.dimensions = encoder.dimensions

    def encode(self, sentences: Sequence[str]) -> Samples:
        """As the encoder does; half precision is kept, and given every time."""
        if len(sentences) < LONG:
            return self._encoder.encode(sentences)
        file = self._file(sentences)
        known = _read(file)
        if known is None or known.shape != (len(sentences), self.dimensions):
            known = self._encoder.encode(sentences).astype(np.float16)
            self._write(file, known)
        return known.astype(np.float32)

    def states(self, sentences: Sequence[str]) -> Samples:
        """As the encoder does."""
        return self._encoder.states(sentences)

    def _file(self, sentences: Sequence[str]) -> Path:
        name = hashlib.sha256("\n".join([self._revision, *sentences]).encode())
        return self._folder / f"{name.hexdigest()}.npy"

    def _write(
        self, file: Path, vectors: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    ) -> None:
        content = io.BytesIO()
        np.save(content, vectors, allow_pickle=False)
        try:
            atomic.folder(self._folder)
            atomic.write(file, content.getvalue())
            for old in sorted(self._folder.glob("*.npy"), key=_age)[KEEP:]:
                old.unlink()
        except (KioskError, OSError) as error:
            # A full disk costs the next start five seconds, never an answer.
            log.warning("meaning of the pack not kept: %s", error)


def _read(file: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]] | None:
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.dtype == np.float16 and np.isfinite(found).all() else None


def _age(file: Path) -> float:
    return -file.stat().st_mtime
