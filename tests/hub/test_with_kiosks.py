"""The hub and the kiosk's own code, over the shipped brokers: rollouts that end well, and badly."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fleet.messages import PackName
from fleet.signing import Keys
from knowledge import pack as packs
from terminal.application import Enrolled
from terminal.sync import signals as sig
from terminal.sync.fleet import Fleet, Member
from terminal.sync.install import Installer
from terminal.sync.link import Broker, Tls
from terminal.sync.packs import PackThread, pack_name
from terminal.sync.pull import Puller
from terminal.sync.source import HubSource
from terminal.sync.store import PackStore
from tests.hub import scene as scenes
from tests.hub import shelf
from tests.hub.scene import Scene
from tests.servers import wait_until
from tests.terminal.sync.hubs import EasyJudge, EasySide, judged

pytestmark = pytest.mark.broker


class Kiosk:
    """All of a kiosk that the fleet sees; it came with a pack that the hub never had."""

    def __init__(self, scene: Scene, device: str, folder: Path, factory: Path) -> None:
        enrolled = scene.enrol(device)
        enrolled.save(folder)
        self.judge, self.side = EasyJudge(), EasySide()
        tls = Tls(folder / "ca.pem", folder / "device.pem", folder / "device.key.pem")
        place = enrolled.trust["broker"]
        member = Member(
            device,
            Broker(place["host"], place["port"], tls),
            Keys(enrolled.keys),
            folder,
            health_s=5.0,
            app="0.1.0",
        )
        self.fleet = Fleet(member, self.side, judged)
        self.puller = Puller(device, self.fleet.ask, folder / "partial")
        store = PackStore(folder / "packs")
        source = HubSource(self.puller, folder / "metadata", _root(enrolled))
        installer = Installer(store, source, self.judge, factory)
        thread = PackThread(
            store,
            installer,
            self.puller,
            self.judge,
            factory,
            self.side.use_pack,
            self.fleet.post,
            today=lambda: shelf.TODAY,
        )
        self.fleet.post(sig.InUse(pack_name(factory), 95.0))
        self.fleet.start(thread)


def _root(enrolled: Enrolled) -> bytes:
    return str(enrolled.trust["root"]).encode()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with scenes.running(tmp_path / "scene") as found:
        yield found


def test_a_good_rollout_a_bad_one_and_the_way_back(scene: Scene, tmp_path: Path) -> None:
    factory = tmp_path / "gov-hall"
    shutil.copytree(packs.BUILT_IN / "gov-hall", factory)
    source = tmp_path / "source"
    shutil.copytree(factory, source)
    first = pack_name(factory)
    with ExitStack() as stack:
        kiosks = {}
        for device in ("k-1", "k-2", "k-3"):
            kiosks[device] = Kiosk(scene, device, tmp_path / device, factory)
            stack.callback(kiosks[device].fleet.stop)
        in_use(scene, kiosks, first)

        # A bad pack: the canary refuses it, by its own questions.
        version = first.version + 1
        upload(scene, source, tmp_path, version, "您好，")
        for kiosk in kiosks.values():
            kiosk.judge.percents[f"gov-hall@{version}"] = 40.0
        found = roll_out(scene, f"gov-hall@{version}", 10)
        assert found["state"] == "rolled_back"
        assert found["counts"] == {"restored": 1, "waiting": 2}
        assert "40.0 %" in str(found["reason"])
        in_use(scene, kiosks, first)

        # A good one, in three waves; only what has changed travels.
        version += 1
        good = upload(scene, source, tmp_path, version, "请问，")
        before = {device: kiosk.puller.received_bytes for device, kiosk in kiosks.items()}
        found = roll_out(scene, good.label, 10)
        assert (found["state"], found["counts"]) == ("done", {"current": 3})
        in_use(scene, kiosks, good)
        cost = {d: kiosk.puller.received_bytes - before[d] for d, kiosk in kiosks.items()}
        print("bytes of payloads a kiosk, from the pack that it came with:", cost)

        version += 1
        newer = upload(scene, source, tmp_path, version, "您知道，")
        before = {device: kiosk.puller.received_bytes for device, kiosk in kiosks.items()}
        number = begin(scene, newer.label, 100)
        assert ended(scene, number)["state"] == "done"
        cost = {d: kiosk.puller.received_bytes - before[d] for d, kiosk in kiosks.items()}
        print("bytes of payloads a kiosk, for one changed answer:", cost)
        assert max(cost.values()) <= 8 * 1024

        # Taken back by hand: a signed rollback to a version that the hub holds.
        scene.post(f"rollouts/{number}/rollback")
        assert ended(scene, number)["counts"] == {"restored": 3}
        in_use(scene, kiosks, good)

        # What is told once, and what holds from now on as far as the site allows it.
        (told,) = scene.post(
            "commands",
            json={"select": {"device": "k-1"}, "kind": "volume", "args": {"volume": 0.5}},
        )["commands"]
        wait_until(lambda: command(scene, told) == "done", "the command's result")
        assert kiosks["k-1"].side.ran[-1].args == {"volume": 0.5}
        scene.asks.patch("/api/1/kiosks/k-1", json={"config": {"volume": 0.7, "pack": "x"}})
        wait_until(lambda: {"volume": 0.7} in kiosks["k-1"].side.config, "the remote setting")
        wait_until(lambda: "pack" in refused_config(scene), "the refusal")


def test_back_to_the_pack_that_kiosks_came_with(scene: Scene, tmp_path: Path) -> None:
    factory = tmp_path / "gov-hall"
    shutil.copytree(packs.BUILT_IN / "gov-hall", factory)
    source = tmp_path / "source"
    shutil.copytree(factory, source)
    first = pack_name(factory)
    with ExitStack() as stack:
        kiosks = {"k-1": Kiosk(scene, "k-1", tmp_path / "k-1", factory)}
        stack.callback(kiosks["k-1"].fleet.stop)
        in_use(scene, kiosks, first)
        new = upload(scene, source, tmp_path, first.version + 1, "您好，")
        number = begin(scene, new.label, 100)
        assert ended(scene, number)["state"] == "done"
        in_use(scene, kiosks, new)
        scene.post(f"rollouts/{number}/rollback")
        found = ended(scene, number)
        assert (found["state"], found["counts"]) == ("rolled_back", {"restored": 1})
        in_use(scene, kiosks, first)


def upload(scene: Scene, source: Path, tmp_path: Path, version: int, word: str) -> PackName:
    content = shelf.build_pack(source, tmp_path / "built", version, ("spoken: ", f"spoken: {word}"))
    told = scene.post("packs", content=content)
    return PackName(id="gov-hall", version=version, digest=told["digest"])


def begin(scene: Scene, label: str, canary_percent: float) -> int:
    wanted = {"pack": label, "select": {"all": True}, "canary_percent": canary_percent, "soak_s": 1}
    return int(scene.post("rollouts", json=wanted)["rollout"])


def roll_out(scene: Scene, label: str, canary_percent: float) -> dict[str, object]:
    return ended(scene, begin(scene, label, canary_percent))


def ended(scene: Scene, number: int) -> dict[str, object]:
    open_ = ("running", "rolling_back")
    what = f"the end of rollout {number}"
    wait_until(lambda: scene.get(f"rollouts/{number}")["state"] not in open_, what, 60)
    return scene.get(f"rollouts/{number}")


def in_use(scene: Scene, kiosks: dict[str, Kiosk], pack: PackName) -> None:
    def all_use_it() -> bool:
        rows = [scene.get(f"kiosks/{device}") for device in kiosks]
        return all(row.get("pack") == pack.label and row.get("state") == "online" for row in rows)

    wait_until(all_use_it, f"all kiosks to use {pack.label}")


def command(scene: Scene, told: str) -> str:
    return str(scene.get(f"commands?id={told}")["commands"][0]["status"])


def refused_config(scene: Scene) -> str:
    return str((scene.get("kiosks/k-1")["reported"] or {}).get("refused_config"))
