"""CTranslate2's `model.bin`, read and written: named arrays behind a short header.

Only what it takes to change some weights of a model and leave the rest as it is. The layout is
that of `ctranslate2.specs.model_spec`, version 6.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fleet.errors import KioskError

VERSION = 6
TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""By the number that stands for them in the file."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's arrays."""

    spec: str
    revision: int
    arrays: dict[str, NDArray[Any]]
    aliases: list[tuple[str, str]]
    """Names that stand for other arrays."""


def read(file: Path) -> Weights:
    """All of a `model.bin`. KioskError if it is none."""
    try:
        with file.open("rb") as stream:
            return _read(stream)
    except (OSError, struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise KioskError(
            "missing", f"{file}: not a usable CTranslate2 model; run: kiosk models verify"
        ) from error


def write(weights: Weights, file: Path) -> None:
    """As `read` takes it; on the disk when this returns."""
    with file.open("wb") as stream:
        stream.write(struct.pack("<I", VERSION) + _name(weights.spec))
        stream.write(struct.pack("<II", weights.revision, len(weights.arrays)))
        for name, array in weights.arrays.items():
            kind = TYPES.index(array.dtype.type)
            stream.write(_name(name) + struct.pack("<B", array.ndim))
            stream.write(struct.pack(f"<{array.ndim}IBI", *array.shape, kind, array.nbytes))
            stream.write(np.ascontiguousarray(array).tobytes())
        stream.write(struct.pack("<I", len(weights.aliases)))
        stream.writelines(_name(alias) + _name(target) for alias, target in weights.aliases)
        stream.flush()
        os.fsync(stream.fileno())


def _read(stream: BinaryIO) -> Weights:
    (version,) = _unpack(stream, "I")
    if version != VERSION:
        raise ValueError(f"version {version}")
    spec = _text(stream)
    revision, count = _unpack(stream, "II")
    arrays = dict(_array(stream) for _ in range(count))
    (aliases,) = _unpack(stream, "I")
    return Weights(spec, revision, arrays, [(_text(stream), _text(stream)) for _ in range(aliases)])


def _array(stream: BinaryIO) -> tuple[str, NDArray[Any]]:
    name = _text(stream)
    (rank,) = _unpack(stream, "B")
    *shape, kind, size = _unpack(stream, f"{rank}IBI")
    return name, np.frombuffer(stream.read(size), TYPES[kind]).reshape(shape)


def _unpack(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    layout = f"<{layout}"
    return struct.unpack(layout, stream.read(struct.calcsize(layout)))


def _text(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "H")
    raw = stream.read(length)
    if len(raw) != length:
        raise ValueError("cut short")
    return raw[:-1].decode()


def _name(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw
