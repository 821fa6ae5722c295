"""A hub with the shipped brokers, over TLS: a kiosk enrols, pulls a pack, and is thrown out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fleet import chunks, codec, topics
from fleet.messages import Desired, Get, PackName, Reported, State, Want
from fleet.signing import Keys
from hub.serving import Answer, Serving
from hub.shelf import repository_of
from tests.hub import shelf
from tests.hub.scene import Scene, running
from tests.knowledge.handmade import SmallPack
from tests.provisioning.brokers import Client
from tests.servers import wait_until

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with running(tmp_path_factory.mktemp("scene")) as found:
        yield found


class MqttServing(Serving):
    """The hub's serving, asked over the brokers; `shelf.Kiosk` uses it as if it were here."""

    def __init__(self, scene: Scene, device: str) -> None:
        super().__init__(repository_of(scene.hub).content)
        self.client = scene.site.device(device)

    def answers(self, device: str, get: Get, now: float) -> Iterator[Answer]:
        self.client.paho.publish(topics.up(device, "get"), codec.encode(get), 0)
        (want,) = get.want
        key = want.sha256 or chunks.key_of(want.name or "")
        wanted = 1
        found: dict[int, Answer] = {}
        while len(found) < wanted:
            message = self.client.next()
            assert message is not None, f"no answer to {want}"
            place = topics.of_chunk(message[0])
            if place is None or place[0] != key:
                continue
            header, _ = chunks.read(message[1])
            wanted = chunks.count(header.size)
            found[header.number] = Answer(*message)
        yield from (found[number] for number in sorted(found))


def connected(scene: Scene, device: str) -> MqttServing:
    serving = MqttServing(scene, device)
    assert serving.client.connect() == "Success"
    assert serving.client.subscribe(topics.all_down(device)) == "Granted QoS 1"
    return serving


def say(client: Client, message: State | Reported) -> None:
    device = message.device
    topic = topics.up(device, "state" if isinstance(message, State) else "reported")
    client.paho.publish(topic, codec.encode(message), 1, retain=True)


def report(client: Client, device: str, revision: int, pack: PackName | None, desired: int) -> None:
    said = Reported(
        device=device,
        boot=1,
        desired=desired,
        revision=revision,
        pack=pack,
        progress="current",
        right_percent=96,
        at=time.time(),
    )
    say(client, said)


def test_from_a_token_to_a_pack_in_use(scene: Scene, tmp_path: Path) -> None:
    enrolled = scene.enrol("k-1")
    assert enrolled.trust["broker"]["port"] == scene.site.ports[8883]
    serving = connected(scene, "k-1")
    client = serving.client
    say(client, State(device="k-1", online=True, boot=1, at=time.time()))
    report(client, "k-1", 1, None, 0)
    wait_until(lambda: scene.get("kiosks/k-1")["state"] == "online", "the birth")
    small = SmallPack(tmp_path / "small")
    pushed = scene.post("packs", content=shelf.build_pack(small.path, tmp_path / "out", 3))
    wanted = {
        "pack": pushed["pack"],
        "select": {"device": "k-1"},
        "canary_percent": 100,
        "soak_s": 0,
    }
    number = scene.post("rollouts", json=wanted)["rollout"]
    found = client.next()
    while found is not None and found[0] != topics.down("k-1", "desired"):
        found = client.next()
    assert found is not None
    told = Keys(enrolled.keys).open("desired", Desired, found[1], time.time())
    assert told.pack is not None
    assert told.pack.label == "small-hall@3"
    root = str(enrolled.trust["root"]).encode()
    kiosk = shelf.Kiosk(serving, root, tmp_path / "kiosk", "k-1")
    index = kiosk.pull("small-hall@3")
    assert index.digest == told.pack.digest
    for name, cut in index.files.items():
        raw = b"".join((kiosk.folder / sha).read_bytes() for sha, _ in cut)
        assert raw == (small.path / name).read_bytes()
    report(client, "k-1", 2, told.pack, told.version)
    wait_until(lambda: scene.get(f"rollouts/{number}")["state"] == "done", "the rollout's end")
    assert scene.get("packs")["packs"][0]["kiosks"] == 1
    client.close()


def test_a_stranger_to_the_registry_gets_no_content(scene: Scene) -> None:
    """A certificate of our own authority, and no row: as after a restored database."""
    scene.site.issue("ghost")
    serving = connected(scene, "ghost")
    with closing(serving.client) as client:
        asked = Get(device="ghost", want=(Want(name="metadata/timestamp.json"),))
        client.paho.publish(topics.up("ghost", "get"), codec.encode(asked), 0)
        assert client.next(1.5) is None
        liar = Get(device="k-1", want=asked.want)
        client.paho.publish(topics.up("ghost", "get"), codec.encode(liar), 0)
        assert client.next(1.0) is None


def test_a_revoked_kiosk_is_thrown_out_and_stays_out(scene: Scene) -> None:
    scene.enrol("k-2")
    serving = connected(scene, "k-2")
    client = serving.client
    say(client, State(device="k-2", online=True, boot=1, at=time.time()))
    wait_until(lambda: scene.get("kiosks/k-2")["state"] == "online", "the birth")
    scene.post("kiosks/k-2/revoke")
    asked = Get(device="k-2", want=(Want(name="metadata/timestamp.json"),))
    client.paho.publish(topics.up("k-2", "get"), codec.encode(asked), 0)
    assert client.is_thrown_out()
    # The retained desired state may have been taken away before; content never came.
    assert {message[1] for message in iter(lambda: client.next(0.2), None)} <= {b""}
    wait_until(lambda: scene.site.device("k-2").connect() != "Success", "the broker's refusal")
    time.sleep(0.5)
    assert scene.site.device("k-2").connect().startswith("refused")
    said = [line["detail"] for line in scene_audit(scene) if line["action"] == "revocation-list"]
    assert said == ["hooks/crl-changed done"]


def scene_audit(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.get("audit")["audit"]
    return found


def test_a_thousand_questions_at_once_are_answered(scene: Scene) -> None:
    """More than the listener may have waiting are dropped and counted, and asked again."""
    scene.enrol("k-3")
    serving = connected(scene, "k-3")
    with closing(serving.client) as client:
        asked = Get(device="k-3", want=(Want(name="metadata/timestamp.json"),))
        got = 0

        def ask() -> None:
            for _ in range(1000):
                client.paho.publish(topics.up("k-3", "get"), codec.encode(asked), 0)

        asking = threading.Thread(target=ask)
        asking.start()
        while client.next(2.0) is not None:
            got += 1
        asking.join()
    assert got >= 900


def test_the_board_before_a_swap_is_thrown_out_and_stays_out(scene: Scene) -> None:
    """Although its session was there, and its certificate has not ended."""
    scene.enrol("k-4")
    old = connected(scene, "k-4").client
    say(old, State(device="k-4", online=True, boot=1_000, at=time.time()))
    wait_until(lambda: scene.get("kiosks/k-4")["state"] == "online", "the birth")
    key, chain = ((scene.site.data / f"k-4{end}").read_bytes() for end in (".key.pem", ".pem"))
    scene.enrol("k-4", replaces=True)
    assert old.is_thrown_out()
    for end, content in ((".key.pem", key), (".pem", chain)):
        (scene.site.data / f"k-4-old{end}").write_bytes(content)
    wait_until(
        lambda: scene.site.device("k-4-old").connect().startswith("refused"), "the old one's end"
    )
    new = connected(scene, "k-4").client
    say(new, State(device="k-4", online=True, boot=900, at=time.time()))
    wait_until(lambda: scene.get("kiosks/k-4")["state"] == "online", "the new board's birth")
    new.close()
