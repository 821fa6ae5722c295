from __future__ import annotations

import random
from pathlib import Path

import pytest

from fleet import chunks, topics
from fleet.messages import Get, Want
from hub import publish
from hub.repository import Repository
from hub.serving import BURST_BYTES, Parcels, Serving
from knowledge import built
from tests.hub import shelf
from tests.knowledge.handmade import SmallPack

NOW = 1_795_000_000.0


@pytest.fixture
def hub(tmp_path: Path) -> Repository:
    hub = shelf.made(tmp_path / "hub", NOW)
    small = SmallPack(tmp_path / "small")
    upload = shelf.build_pack(small.path, tmp_path / "out", 3)
    publish.put(hub, publish.checked(upload, shelf.TODAY), NOW, frozenset())
    return hub


def put_blob(hub: Repository, size: int, seed: int = 1) -> tuple[str, bytes]:
    raw = random.Random(seed).randbytes(size)
    name = built.sha256(raw)
    (hub.content.blobs / name).write_bytes(raw)
    return name, raw


def get(*wants: Want) -> Get:
    return Get(device="k-1", want=wants)


def test_a_thousand_kiosks_cost_one_packing(hub: Repository) -> None:
    serving = Serving(hub.content)
    want = get(Want(name="targets/packs/small-hall@3.json"))
    seen = [list(serving.answers(f"k-{n}", want, 0.0)) for n in range(1000)]
    assert serving.parcels.made == 1
    assert {answers[0].payload for answers in seen} == {seen[0][0].payload}
    key = chunks.key_of("targets/packs/small-hall@3.json")
    assert [answers[0].topic for answers in seen] == [
        topics.chunk(f"k-{n}", key, 0) for n in range(1000)
    ]


def test_single_chunks_are_sent_again_on_request(hub: Repository) -> None:
    sha, raw = put_blob(hub, 100_000)
    serving = Serving(hub.content)
    every = list(serving.answers("k-1", get(Want(sha256=sha)), 0.0))
    assert len(every) == 4
    some = list(serving.answers("k-1", get(Want(sha256=sha, chunks=(3, 1, 1, 99))), 0.0))
    assert some == [every[1], every[3]]
    read = [chunks.read(answer.payload) for answer in every]
    assert chunks.unpack(read[0][0], b"".join(part for _, part in read), None) == raw


def test_what_is_not_there_is_said_on_its_own_topic(hub: Repository) -> None:
    serving = Serving(hub.content)
    (answer,) = serving.answers("k-1", get(Want(sha256="0" * 64)), 0.0)
    assert topics.of_chunk(answer.topic) == ("0" * 64, 0)
    assert chunks.read(answer.payload)[0].found is False
    (answer,) = serving.answers("k-1", get(Want(name="hub.db")), 0.0)
    assert chunks.read(answer.payload)[0].found is False
    assert list(serving.answers("k-1", get(Want()), 0.0)) == []


def test_an_unknown_base_is_no_obstacle(hub: Repository) -> None:
    sha, _ = put_blob(hub, 500)
    serving = Serving(hub.content)
    for base in ("1" * 64, None):
        (answer,) = serving.answers("k-1", get(Want(sha256=sha, base=base)), 0.0)
        assert chunks.read(answer.payload)[0].packing == "plain"
    assert serving.parcels.made == 1


def test_a_flood_is_not_answered_and_others_are(hub: Repository) -> None:
    sha, raw = put_blob(hub, 250_000)
    serving = Serving(hub.content)
    asked = get(*[Want(sha256=sha)] * 64)
    sent = 0
    for _ in range(50):
        sent += sum(len(answer.payload) for answer in serving.answers("k-1", asked, 0.0))
    assert BURST_BYTES - 2 * len(raw) < sent <= BURST_BYTES
    assert serving.refused > 3000
    assert list(serving.answers("k-1", get(Want(sha256=sha)), 1.0)) == []
    assert len(list(serving.answers("k-2", get(Want(sha256=sha)), 1.0))) == 8
    assert len(list(serving.answers("k-1", get(Want(sha256=sha)), 60.0))) == 8
    # A clock that was set back gives nobody anything, and takes nothing.
    assert len(list(serving.answers("k-1", get(Want(sha256=sha)), 5.0))) == 8


def test_asking_for_nothing_is_limited_too(hub: Repository) -> None:
    serving = Serving(hub.content)
    asked = get(*[Want(sha256="0" * 64)] * 64)
    answered = sum(len(list(serving.answers("k-1", asked, 0.0))) for _ in range(500))
    assert answered < 500 * 64
    assert serving.refused == 500 * 64 - answered


def test_parcels_are_bounded_by_bytes(hub: Repository) -> None:
    parcels = Parcels(most_bytes=10_000)
    raws = [put_blob(hub, 3000, seed) for seed in range(10)]
    for sha, raw in raws:
        parcels.get(raw, sha, None, None)
    assert parcels.made == 10
    for sha, raw in raws[-3:]:
        parcels.get(raw, sha, None, None)
    assert parcels.made == 10
    parcels.get(raws[0][1], raws[0][0], None, None)
    assert parcels.made == 11
