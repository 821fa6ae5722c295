"""Noise, and messages that lie, on the topics of content, commands and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet import codec, topics
from fleet.messages import Get, Want
from hub import api_commands, api_enrol, shelf
from hub.bus import Listener, Message
from hub.tables import Audit, Refused
from tests.hub.hubs import SmallHub

TOPICS = (
    topics.up("k-1", "get"),
    topics.up("k-1", "cmd"),
    topics.enrol("abc", "req"),
    "lk/1/d//up/get",
    "x",
)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
fields = st.sampled_from(
    [
        "device",
        "want",
        "name",
        "sha256",
        "base",
        "chunks",
        "token",
        "csr",
        "nonce",
        "proof",
        "at",
        "command",
        "status",
        "boot",
    ]
)
payloads = st.one_of(
    st.binary(max_size=300),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(fields, json_values, max_size=8).map(lambda value: json.dumps(value).encode()),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    made = SmallHub(folder, f"sqlite:///{folder}/hub.db")
    made.add("k-1")
    yield made
    made.hub.database.close()


@pytest.fixture(scope="module")
def listeners(small: SmallHub) -> list[Listener]:
    parts = (shelf.part(small.hub), api_commands.part(small.hub), api_enrol.part(small.hub))
    return [listener for part in parts for listener in part.listeners]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(TOPICS), payloads), min_size=1, max_size=5))
def test_noise_stops_nobody_and_is_not_answered(
    small: SmallHub, listeners: list[Listener], noise: list[tuple[str, bytes]]
) -> None:
    for listener in listeners:
        listener.handle([Message(topic, payload) for topic, payload in noise])
    assert small.bus.taken() == []


def test_among_noise_the_good_one_is_answered(small: SmallHub, listeners: list[Listener]) -> None:
    small.now += 1000
    good = Get(device="k-1", want=(Want(name="metadata/timestamp.json"),))
    lie = good.model_copy(update={"device": "k-2"})
    topic = topics.up("k-1", "get")
    asked = [b"", codec.encode(lie), codec.encode(good), b"\xff" * 100]
    listeners[0].handle([Message(topic, payload) for payload in asked])
    (answer,) = small.bus.taken()
    assert answer.topic.startswith("lk/1/d/k-1/dn/chunk/")
    assert (answer.qos, answer.retain, answer.expiry_s) == (0, False, 60)
    with small.hub.database.read() as session:
        assert "hostile-cross-device" in {each.action for each in session.query(Audit)}
        assert 0 < session.query(Refused).count() < 50


@pytest.mark.parametrize(("change", "sort"), [({"revoked": 1.0}, "revoked"), (None, "unknown")])
def test_who_may_not_ask_is_not_answered(
    small: SmallHub, listeners: list[Listener], change: dict[str, Any] | None, sort: str
) -> None:
    device = f"x-{sort}"
    if change:
        small.add(device, pack=None, **change)
    small.now += 1000
    asked = Get(device=device, want=(Want(name="metadata/timestamp.json"),))
    listeners[0].handle([Message(topics.up(device, "get"), codec.encode(asked))])
    assert small.bus.taken() == []
    with small.hub.database.read() as session:
        assert session.query(Audit).filter_by(action=f"hostile-{sort}", target=device).count() == 1
