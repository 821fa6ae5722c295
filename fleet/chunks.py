"""Content in chunks of 32 KiB: cut, told in a header of one line each, and put together again.

A chunk's payload is its header as one line of JSON, a line feed, and raw bytes. What is sent may be
packed (zstd, or zstd against something that the kiosk has); it is verified once it is whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import zstandard
from pydantic import Field

from fleet import codec
from fleet.errors import KioskError
from fleet.fields import Body, Sha256, Whole

CHUNK_BYTES = 32 * 1024
MAX_CONTENT_BYTES = 8 * 1024 * 1024
LEVEL = 19
"""Small things, packed once for a whole fleet."""
_MAX_HEADER = 1024

Packing = Literal["plain", "zstd", "difference"]


class Header(Body):
    """What a chunk is part of."""

    found: bool = True
    """False: the hub has no such thing; no bytes follow."""
    packing: Packing = "plain"
    base: Sha256 | None = None
    """Of the content that a difference starts from."""
    parcel: Sha256 = "0" * 64
    """sha256 of all that is sent, as it is sent."""
    size: Annotated[int, Field(ge=0, le=MAX_CONTENT_BYTES)] = 0
    """Bytes of the parcel."""
    number: Whole = 0
    """Of this chunk, from 0."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Content as it travels."""

    content: bytes
    packing: Packing
    base: str | None = None

    @property
    def chunks(self) -> int:
        """How many; an empty parcel is one chunk."""
        return count(len(self.content))

    def chunk(self, number: int) -> bytes:
        """One payload."""
        header = Header(
            packing=self.packing,
            base=self.base,
            parcel=hashlib.sha256(self.content).hexdigest(),
            size=len(self.content),
            number=number,
        )
        begin = number * CHUNK_BYTES
        return codec.encode(header) + b"\n" + self.content[begin : begin + CHUNK_BYTES]

    def payloads(self) -> Iterator[bytes]:
        """All of them."""
        return (self.chunk(number) for number in range(self.chunks))


def count(size: int) -> int:
    """Chunks of `size` bytes."""
    return max(1, -(-size // CHUNK_BYTES))


def key_of(name: str) -> str:
    """The key on the topic of what is asked for by name."""
    return hashlib.sha256(name.encode()).hexdigest()


def parcel(content: bytes, base: bytes | None = None) -> Parcel:
    """The shortest way to send `content` to who has `base`. The same input gives the same bytes."""
    ways = [Parcel(content, "plain"), Parcel(_compressor(None).compress(content), "zstd")]
    if base:
        packed = _compressor(base).compress(content)
        ways.append(Parcel(packed, "difference", hashlib.sha256(base).hexdigest()))
    return min(ways, key=lambda way: len(way.content))


def missing() -> bytes:
    """The payload that says: the hub has no such thing."""
    return codec.encode(Header(found=False)) + b"\n"


def read(payload: bytes) -> tuple[Header, bytes]:
    """Header and bytes of one chunk; KioskError("input") for what is none."""
    line, feed, rest = payload.partition(b"\n")
    if not feed or len(line) > _MAX_HEADER or len(rest) > CHUNK_BYTES:
        raise KioskError("input", "no chunk")
    header = codec.decode(Header, line)
    if not header.found:
        return header, b""
    last = count(header.size) - 1
    length = header.size - last * CHUNK_BYTES if header.number == last else CHUNK_BYTES
    if header.number > last or len(rest) != length:
        raise KioskError("input", f"chunk {header.number} does not fit {header.size:,} bytes")
    return header, rest


def unpack(header: Header, parcel_content: bytes, base: bytes | None) -> bytes:
    """The content; the caller verifies it. KioskError("input") where it cannot be had."""
    if hashlib.sha256(parcel_content).hexdigest() != header.parcel:
        raise KioskError("input", "parcel damaged")
    if header.packing == "plain":
        return parcel_content
    if header.packing == "difference" and (
        base is None or hashlib.sha256(base).hexdigest() != header.base
    ):
        raise KioskError("input", "parcel is a difference from something else")
    try:
        with _decompressor(base if header.packing == "difference" else None).stream_reader(
            parcel_content
        ) as reader:
            content = reader.read(MAX_CONTENT_BYTES + 1)
    except zstandard.ZstdError as error:
        raise KioskError("input", f"parcel damaged ({error})") from error
    if len(content) > MAX_CONTENT_BYTES:
        raise KioskError("input", f"parcel unpacks to more than {MAX_CONTENT_BYTES:,} bytes")
    return content


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _compressor(base: bytes | None) -> zstandard.ZstdCompressor:
    if base is None:
        return zstandard.ZstdCompressor(level=LEVEL)
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary(base))


def _decompressor(base: bytes | None) -> zstandard.ZstdDecompressor:
    if base is None:
        return zstandard.ZstdDecompressor(max_window_size=2**24)
    return zstandard.ZstdDecompressor(max_window_size=2**24, dict_data=_dictionary(base))
