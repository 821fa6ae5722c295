"""What the ear learned of halls: small changes to Whisper's matrices, laid over them once.

`trained/ear.npz` holds, for each changed matrix, B [out, rank] and A [rank, in] in half precision;
the adapted model is W + B A everywhere. It is made when it is first needed, and kept beside the
model that it came from.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from fleet.errors import KioskError
from knowledge.atomic import sync_folder
from models import ctranslate

ADAPTER = Path(__file__).parent / "trained" / "ear.npz"
TAIL_S = 2.0
"""Silence behind an utterance: the model was taught with 1 to 4 s, and the less the sooner. Right
with 2 s 91.7, 93.3 and 83.3 % (clean, 10, 5 dB), with 4 s 90.0, 93.3 and 80.0, of 60 clips."""
KEPT = ("config.json", "vocabulary.txt", "tokenizer.json")
"""Of the model, as they are."""
MODEL = "model.bin"
UP, DOWN = "|up", "|down"

Changes = dict[str, tuple[NDArray[Any], NDArray[Any]]]
"""B and A of each matrix."""


def adapted(folder: Path, adapter: Path = ADAPTER) -> Path:
    """The folder of the model in `folder` with `adapter` laid over it.

    KioskError where it cannot be made, or the two do not fit.
    """
    revision = hashlib.sha256(adapter.read_bytes()).hexdigest()[:12]
    target = folder / f"adapted-{revision}"
    try:
        with FileLock(folder / "adapted.lock"):
            if not (target / MODEL).is_file():
                _make(folder, adapter, target)
    except OSError as error:
        # An installed kiosk may not write here, and need not: the installer had it made.
        if not (target / MODEL).is_file():
            raise KioskError(
                "missing",
                f"{target}: cannot be written ({error.strerror}); make the folder writable",
            ) from error
    return target


def save(changes: Changes, file: Path) -> None:
    """As `adapted` takes it."""
    arrays = {}
    for name, (up, down) in changes.items():
        arrays[name + UP], arrays[name + DOWN] = up.astype(np.float16), down.astype(np.float16)
    np.savez(file, allow_pickle=False, **arrays)


def laid_over(weights: ctranslate.Weights, changes: Changes) -> ctranslate.Weights:
    """`weights` with `changes` added."""
    arrays = dict(weights.arrays)
    for name, (up, down) in changes.items():
        base = arrays[name]
        change = up.astype(np.float32) @ down.astype(np.float32)
        arrays[name] = (base.astype(np.float32) + change).astype(base.dtype)
    return ctranslate.Weights(weights.spec, weights.revision, arrays, weights.aliases)


def load(file: Path) -> Changes:
    """What `save` wrote."""
    with np.load(file, allow_pickle=False) as archive:
        names = [name.removesuffix(UP) for name in archive.files if name.endswith(UP)]
        return {name: (archive[name + UP], archive[name + DOWN]) for name in names}


def _make(folder: Path, adapter: Path, target: Path) -> None:
    for old in folder.glob("adapted-*"):
        shutil.rmtree(old)
    part = folder / "adapted-new"
    part.mkdir()
    for name in KEPT:
        shutil.copy(folder / name, part / name)
    weights = ctranslate.read(folder / MODEL)
    try:
        changed = laid_over(weights, load(adapter))
    except (KeyError, ValueError) as error:
        raise KioskError(
            "missing", f"{adapter.name} does not fit {folder}; run: kiosk models verify"
        ) from error
    ctranslate.write(changed, part / MODEL)
    # The name comes last: a folder that is called so is whole, whenever the power goes.
    sync_folder(part)
    part.rename(target)
