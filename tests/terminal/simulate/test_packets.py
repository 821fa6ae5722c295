"""The light client's packets, against bytes of the specification and against paho's."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.simulate import packets
from terminal.simulate.packets import (
    Connected,
    Disconnected,
    Packet,
    Pong,
    ProtocolError,
    Published,
    Reader,
    Subscribed,
    Taken,
)


def read(data: bytes) -> list[Packet]:
    return list(Reader().feed(data))


@pytest.mark.parametrize(
    ("data", "packet"),
    [
        (b"\x20\x03\x01\x00\x00", Connected(0, session_present=True)),
        (b"\x20\x06\x00\x87\x03\x21\x00\x0a", Connected(0x87, session_present=False)),
        (b"\x40\x02\x00\x07", Taken(7, 0)),
        (b"\x40\x04\x00\x07\x87\x00", Taken(7, 0x87)),
        (b"\x90\x05\x00\x01\x00\x01\x01", Subscribed(refused=False)),
        (b"\x90\x05\x00\x01\x00\x01\x87", Subscribed(refused=True)),
        (b"\xd0\x00", Pong()),
        (b"\xe0\x02\x8e\x00", Disconnected(0x8E)),
        (b"\xe0\x00", Disconnected(0)),
    ],
)
def test_what_brokers_send(data: bytes, packet: Packet) -> None:
    assert read(data) == [packet]


@given(
    st.text("abc/", min_size=1, max_size=40),
    st.binary(max_size=40_000),
    st.none() | st.integers(1, 65_535),
    st.none() | st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_what_is_published_is_read(
    topic: str, payload: bytes, number: int | None, expires_s: int | None, retain: bool
) -> None:
    data = packets.publish(topic, payload, number, retain=retain, expires_s=expires_s)
    assert read(data) == [Published(topic, payload, number)]


@given(st.lists(st.binary(max_size=300), max_size=8), st.data())
def test_packets_come_in_any_pieces(payloads: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(packets.publish("t", each, 1) for each in payloads)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))
    reader = Reader()
    found: list[Packet] = []
    for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += reader.feed(whole[begin:end])
    assert found == [Published("t", each, 1) for each in payloads]


@given(st.binary(max_size=200))
def test_nonsense_is_a_protocol_error_and_nothing_else(data: bytes) -> None:
    with suppress(ProtocolError):
        read(data)
