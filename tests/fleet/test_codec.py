from __future__ import annotations

import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fleet import codec
from fleet.errors import KioskError
from fleet.messages import Batch, Event, Get, State
from fleet.records import Record, SessionRecord, Turn

STATE = State(device="hall-1", online=True, boot=7, at=1_700_000_000)


def batch(count: int) -> Batch:
    body: Record = SessionRecord(
        visit="0123456789abcdef",
        minute=28_000_000,
        lasted_s=40,
        turns=(Turn(outcome="answered", answer_id="gov.social_card.reissue", confidence="high"),),
        pack="gov-hall@3",
    )
    events = tuple(Event(boot=7, seq=n + 1, at=1_680_000_000, body=body) for n in range(count))
    return Batch(device="hall-1", events=events)


def test_small_messages_stay_readable_and_large_ones_shrink() -> None:
    assert json.loads(codec.pack(STATE))["device"] == "hall-1"
    packed = codec.pack(batch(50))
    assert len(packed) * 5 < len(codec.encode(batch(50)))
    assert codec.decode(Batch, packed) == batch(50)


def test_fields_of_a_newer_version_are_ignored() -> None:
    newer = json.loads(codec.encode(STATE)) | {"mood": "fine"}
    assert codec.decode(State, json.dumps(newer).encode()) == STATE


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"device": "Hall 1"}, "device"),
        ({"boot": 0}, "boot"),
        ({"boot": 2**60}, "boot"),
        ({"at": float("nan")}, "at"),
        ({"online": "perhaps"}, "online"),
        ({"app": "x" * 200}, "app"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, object], field: str) -> None:
    bad = json.dumps(json.loads(codec.encode(STATE)) | change).encode()
    with pytest.raises(KioskError, match=f"no State: field {field}: "):
        codec.decode(State, bad)


def test_a_message_beyond_the_limit_is_not_read() -> None:
    with pytest.raises(KioskError, match="more than"):
        codec.decode(State, b"x" * (codec.MAX_MESSAGE_BYTES + 1))


@pytest.mark.parametrize("told", [True, False])
def test_a_bomb_is_not_unpacked(told: bool) -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=told).compress(b" " * 200_000_000)
    with pytest.raises(KioskError, match="unpacks to more than"):
        codec.decode(State, bomb)


def test_a_frame_that_holds_more_than_it_says_is_not_unpacked() -> None:
    bomb = bytearray(zstandard.ZstdCompressor().compress(b" " * 1_000_000))
    bomb[5:9] = (100).to_bytes(4, "little")
    assert zstandard.frame_content_size(bytes(bomb)) == 100
    with pytest.raises(KioskError, match="damaged zstd"):
        codec.decode(State, bytes(bomb))


def test_damage_is_told() -> None:
    packed = bytearray(codec.pack(batch(50)))
    packed[20] ^= 255
    with pytest.raises(KioskError):
        codec.decode(Batch, bytes(packed))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_one_line(payload: bytes) -> None:
    for prefix in (b"", b"\x28\xb5\x2f\xfd"):
        for kind in (State, Batch, Get):
            with pytest.raises(KioskError) as told:
                codec.decode(kind, prefix + payload)
            assert "\n" not in told.value.message
