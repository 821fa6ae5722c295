"""Messages as bytes: JSON, in zstd where it is a batch; nothing larger than agreed is unpacked."""

from __future__ import annotations

import threading
from typing import TypeVar

import zstandard
from pydantic import BaseModel, ValidationError

from fleet.errors import KioskError

Message = TypeVar("Message", bound=BaseModel)

MAX_MESSAGE_BYTES = 256 * 1024
"""Of one MQTT payload, and of what it unpacks to. Brokers are set to refuse more."""
LEVEL = 3
_MAGIC = b"\x28\xb5\x2f\xfd"
PACK_FROM_BYTES = 200
"""Shorter JSON does not gain by zstd."""


def encode(message: BaseModel) -> bytes:
    """Compact JSON without what is None."""
    return message.model_dump_json(exclude_none=True).encode()


def pack(message: BaseModel) -> bytes:
    """As `encode`, in zstd where that is shorter."""
    raw = encode(message)
    if len(raw) < PACK_FROM_BYTES:
        return raw
    return _tools.compressor.compress(raw)


def decode(kind: type[Message], payload: bytes) -> Message:
    """Read a message; KioskError("input") in one line for whatever else it is."""
    raw = unpacked(payload)
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        where = f"field {field}: " if field else ""
        raise KioskError("input", f"no {kind.__name__}: {where}{first['msg']}") from error


def unpacked(payload: bytes) -> bytes:
    """The JSON of a message; KioskError("input") if it is too large or damaged."""
    if len(payload) > MAX_MESSAGE_BYTES:
        raise KioskError("input", f"{len(payload):,} bytes, more than {MAX_MESSAGE_BYTES:,}")
    if not payload.startswith(_MAGIC):
        return payload
    try:
        raw = _decompressed(payload)
    except zstandard.ZstdError as error:
        raise KioskError("input", f"damaged zstd ({error})") from error
    if len(raw) > MAX_MESSAGE_BYTES:
        raise KioskError("input", f"unpacks to more than {MAX_MESSAGE_BYTES:,} bytes")
    return raw


def _decompressed(payload: bytes) -> bytes:
    """At most one byte too many, whatever the frame says."""
    told = zstandard.frame_content_size(payload)
    if 0 < told <= MAX_MESSAGE_BYTES:
        # No more than the frame tells is unpacked: more is an error of the library's.
        return _tools.decompressor.decompress(payload)
    # A frame need not tell its size.
    with _tools.decompressor.stream_reader(payload) as reader:
        return reader.read(MAX_MESSAGE_BYTES + 1)


class _Tools(threading.local):
    """Made once a thread: each takes longer to make than to use, and is no good for two."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=LEVEL)
        self.decompressor = zstandard.ZstdDecompressor(max_window_size=2**23)


_tools = _Tools()
