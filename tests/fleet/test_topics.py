from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import topics


def test_every_upward_topic_is_read_back() -> None:
    for leaf in ("state", "reported", "health", "cmd", "get"):
        assert topics.from_device(topics.up("hall-1", leaf)) == ("hall-1", leaf, None)
    for kind in topics.EVENT_KINDS:
        assert topics.from_device(topics.events("hall-1", kind)) == ("hall-1", "ev", kind)


@pytest.mark.parametrize(
    "topic",
    [
        "lk/1/d/hall-1/up/ev",
        "lk/1/d/hall-1/up/ev/other",
        "lk/1/d/hall-1/up/state/session",
        "lk/1/d/hall-1/dn/ack",
        "lk/2/d/hall-1/up/state",
        "lk/1/d/hall-1/hall-2/up/state",
        "lk/1/d/+/up/state",
        "lk/1/d//up/state",
        "lk/1/d/hall-1/up/state\n",
        "",
    ],
)
def test_other_topics_are_none(topic: str) -> None:
    assert topics.from_device(topic) is None


def test_chunk_and_token_are_read_back() -> None:
    key = "a" * 64
    assert topics.of_chunk(topics.chunk("hall-1", key, 3)) == (key, 3)
    assert topics.of_chunk("lk/1/d/hall-1/dn/chunk/abc/3") is None
    assert topics.of_token(topics.enrol("abc123", "req")) == "abc123"
    assert topics.of_token("lk/1/prov/+/req") is None


@given(st.text(max_size=80))
def test_any_text_is_taken_as_a_topic(text: str) -> None:
    for read in (topics.from_device, topics.of_chunk, topics.of_token):
        assert read(text) is None
