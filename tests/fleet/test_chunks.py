from __future__ import annotations

import hashlib
import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import chunks
from fleet.errors import KioskError


def put_together(parcel: chunks.Parcel, base: bytes | None = None) -> bytes:
    read = [chunks.read(payload) for payload in parcel.payloads()]
    assert [header.number for header, _ in read] == list(range(parcel.chunks))
    return chunks.unpack(read[0][0], b"".join(part for _, part in read), base)


@settings(max_examples=30)
@given(st.integers(0, 100_000), st.booleans())
def test_content_comes_out_as_it_went_in(size: int, dull: bool) -> None:
    content = b"a" * size if dull else random.Random(size).randbytes(size)
    assert put_together(chunks.parcel(content)) == content


def test_a_difference_is_small_and_needs_its_base() -> None:
    base = random.Random(1).randbytes(30_000)
    content = base[:10_000] + b"another" + base[10_000:]
    parcel = chunks.parcel(content, base)
    assert parcel.packing == "difference"
    assert len(parcel.content) < 100
    assert put_together(parcel, base) == content
    for wrong in (None, b"", content):
        with pytest.raises(KioskError, match="difference from something else"):
            put_together(parcel, wrong)


def test_what_is_missing_is_said() -> None:
    header, rest = chunks.read(chunks.missing())
    assert not header.found
    assert rest == b""


@pytest.mark.parametrize("number", [0, 1])
def test_a_chunk_of_the_wrong_length_is_refused(number: int) -> None:
    payload = chunks.parcel(random.Random(2).randbytes(40_000)).chunk(number)
    with pytest.raises(KioskError):
        chunks.read(payload[:-1])
    with pytest.raises(KioskError):
        chunks.read(payload + b"x")


def test_a_damaged_parcel_is_refused() -> None:
    header, rest = chunks.read(chunks.parcel(b"a" * 1000).chunk(0))
    with pytest.raises(KioskError, match="damaged"):
        chunks.unpack(header, rest[:-1] + b"x", None)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zstandard.compress(b" " * 400_000_000)
    parcel = hashlib.sha256(bomb).hexdigest()
    header = chunks.Header(packing="zstd", parcel=parcel, size=len(bomb))
    with pytest.raises(KioskError, match="unpacks to more than"):
        chunks.unpack(header, bomb, None)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(payload: bytes) -> None:
    for whole in (payload, b'{"size": 4}\n' + payload[:3], b"{}" + payload):
        try:
            header, rest = chunks.read(whole)
        except KioskError:
            continue
        assert not header.found or len(rest) == header.size
