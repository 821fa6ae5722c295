from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import chunks, codec
from fleet.messages import Acknowledged, State
from tests.fleet.fuzz import SIGNER, TARGETS

SEEDS = (
    codec.pack(State(device="hall-1", online=True, boot=1, at=1.0)),
    SIGNER.sign("ack", Acknowledged(device="hall-1", boots={"1": ((1, 9),)}), 1.0, 1.0),
    chunks.parcel(b"a" * 3000).chunk(0),
    chunks.parcel(b"a" * 3000, b"base").chunk(0),
    b"lk/1/d/hall-1/up/ev/session",
)


@st.composite
def nearly(draw: st.DrawFn) -> bytes:
    """A good message, somewhat damaged."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return draw(st.binary(max_size=1)) + bytes(data)


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.one_of(st.binary(max_size=400), nearly()))
def test_hostile_bytes_are_refused_in_one_line(target: str, data: bytes) -> None:
    TARGETS[target](data)
