"""A kiosk's own code renews its certificate over the shipped brokers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fleet.messages import Command
from fleet.signing import Keys
from hub import ca
from terminal import enrolling
from terminal.application import Application
from terminal.outbox import Outbox
from terminal.renewing import FILE
from terminal.sync.book import Book
from terminal.sync.disk import Disk
from terminal.sync.fleet import Fleet, Member
from terminal.sync.link import Broker, Tls
from terminal.trust import Trust
from tests.hub import scene as scenes
from tests.hub.scene import Scene
from tests.servers import wait_until
from tests.terminal import papers
from tests.terminal.sync.hubs import EasySide, NoPacks, judged

pytestmark = pytest.mark.broker
DAY_S = 86_400.0


class Kiosk:
    def __init__(self, scene: Scene, device: str, folder: Path) -> None:
        self.scene, self.device = scene, device
        self.enrolled = scene.enrol(device)
        self.trust = Trust(folder / "trust")
        self.enrolled.save(self.trust.folder)
        self.folder = folder
        self.fleet: Fleet

    def start(self) -> None:
        path = self.trust.folder
        tls = Tls(path / "ca.pem", path / "device.pem", path / "device.key.pem")
        place = self.enrolled.trust["broker"]
        broker = Broker(place["host"], place["port"], tls)
        keys = Keys(self.enrolled.keys)
        member = Member(self.device, broker, keys, self.folder, health_s=5.0, trust=path)
        # It connects again at once, not after a wait by chance.
        self.fleet = Fleet(member, EasySide(), judged, draw=lambda: 0.0)
        self.fleet.start(NoPacks())

    @property
    def serial(self) -> int:
        raw = (self.trust.folder / "device.pem").read_bytes()
        return x509.load_pem_x509_certificates(raw)[0].serial_number

    def order(self) -> str:
        wanted = {"select": {"device": self.device}, "kind": "renew", "lives_s": 600}
        return str(self.scene.post("commands", json=wanted)["commands"][0])

    def outcome(self, command: str) -> dict[str, Any]:
        def row() -> dict[str, Any]:
            found: dict[str, Any] = self.scene.get(f"commands?id={command}")["commands"][0]
            return found

        wait_until(lambda: row()["status"] not in ("sent", "accepted"), "the renewal's end", 60)
        return row()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scenes.running(tmp_path_factory.mktemp("scene")) as found:
        yield found


def test_a_certificate_is_renewed_by_order(scene: Scene, tmp_path: Path) -> None:
    kiosk = Kiosk(scene, "r-1", tmp_path)
    kiosk.start()
    before, files = kiosk.serial, kiosk.trust.read()
    wait_until(lambda: "in_use_until" in kiosk.fleet.certificate_report(), "the connection")
    assert kiosk.fleet.certificate_report()["state"] == "on"
    key, chain = files["device.key.pem"], files["device.pem"]
    outcome = kiosk.outcome(kiosk.order())
    assert (outcome["status"], outcome["detail"]) == ("done", "")
    assert kiosk.serial != before
    assert kiosk.trust.read()["device.key.pem"] != key
    wait_until(lambda: not (kiosk.trust.folder / FILE).exists(), "the application's end")
    wait_until(lambda: kiosk.fleet.is_connected, "the connection")
    wait_until(lambda: scene.get("kiosks/r-1")["state"] == "online", "the hub's hearing of it")
    assert not [each for each in kiosk.trust.folder.rglob("*.key.pem") if each.read_bytes() == key]
    # Whoever holds the old key is out, and the kiosk comes back with the new one.
    for end, content in ((".key.pem", key), (".pem", chain)):
        (scene.site.data / f"r-1-old{end}").write_bytes(content)
    wait_until(lambda: scene.refuses("r-1-old"), "the old one's end")
    wait_until(lambda: kiosk.fleet.is_connected, "the connection")
    kiosk.fleet.stop()


def test_a_certificate_that_the_broker_refuses_is_given_up(scene: Scene, tmp_path: Path) -> None:
    """Of another authority; the program was cut off while it was on trial."""
    kiosk = Kiosk(scene, "r-2", tmp_path)
    before = kiosk.serial
    other = tmp_path / "other"
    ca.make(other, time.time())
    made = Application.new("r-2", f"abc.{'x' * 32}")
    csr = x509.load_pem_x509_csr(made.csr.encode())
    chain = ca.load(other, "devices").for_device("r-2", csr.public_key(), time.time())  # type: ignore[arg-type]
    files = {"device.key.pem": made.key.encode(), "device.pem": chain}
    kiosk.trust.try_out({**kiosk.trust.read(), **files})
    command = Command(device="r-2", id="c-1", kind="renew", by="wang").model_dump(mode="json")
    made.keep(kiosk.trust.folder / FILE, Disk(), command=command, since=time.time())
    kiosk.start()
    wait_until(lambda: kiosk.fleet.is_connected, "the old certificate's connection", 60)
    assert kiosk.serial == before
    assert not (kiosk.trust.folder / "next").exists()
    assert not (kiosk.trust.folder / FILE).exists()
    kiosk.fleet.stop()


def test_a_renewal_goes_on_after_a_restart(scene: Scene, tmp_path: Path) -> None:
    """Cut off when it had asked: the very same request is answered once more."""
    kiosk = Kiosk(scene, "r-3", tmp_path)
    before = kiosk.serial
    kiosk.start()
    kiosk.fleet.stop()
    token = scene.post("enrol-tokens", json={"device": "r-3"})["token"]
    command = Command(device="r-3", id="c-1", kind="renew", by="wang").model_dump(mode="json")
    made = Application.new("r-3", token)
    file = kiosk.trust.folder / FILE
    made.keep(file, Disk(), command=command, since=time.time())
    assert json.loads(file.read_text())["command"]["args"] == {}
    kiosk.start()
    wait_until(lambda: kiosk.serial != before, "the new certificate", 60)
    assert kiosk.trust.read()["device.key.pem"] == made.key.encode()
    wait_until(lambda: not file.exists(), "the end")
    kiosk.fleet.stop()


def test_a_renewal_that_was_cut_off_after_its_acceptance_is_told(
    scene: Scene, tmp_path: Path
) -> None:
    """The certificate is in use, the order is noted, and nobody has heard what came of it."""
    kiosk = Kiosk(scene, "r-4", tmp_path)
    kiosk.start()
    wait_until(lambda: kiosk.fleet.is_connected, "the connection")
    kiosk.fleet.stop()
    ordered = kiosk.order()
    command = Command(device="r-4", id=ordered, kind="renew", by="wang")
    outbox = Outbox(tmp_path, "r-4", time.time())
    assert Book(outbox.database).note(command, time.time()) == "new"
    outbox.close()
    made = Application.new("r-4", scene.post("enrol-tokens", json={"device": "r-4"})["token"])
    kept = {"command": command.model_dump(mode="json"), "since": time.time()}
    made.keep(kiosk.trust.folder / FILE, Disk(), **kept)
    services = scene.site.data / "tls" / "services-ca.pem"
    got = enrolling.apply(made, "127.0.0.1", scene.site.ports[8885], ca=services)
    kiosk.trust.try_out(got.files)
    kiosk.trust.accept()
    serial = kiosk.serial
    kiosk.start()
    outcome = kiosk.outcome(ordered)
    assert (outcome["status"], outcome["detail"]) == ("done", "")
    assert kiosk.serial == serial
    assert not (kiosk.trust.folder / FILE).exists()
    kiosk.fleet.stop()


def test_a_kiosk_that_was_enrolled_anew_says_that_it_still_uses_the_old_one(
    scene: Scene, tmp_path: Path
) -> None:
    kiosk = Kiosk(scene, "r-5", tmp_path)
    kiosk.start()
    wait_until(lambda: "in_use_until" in kiosk.fleet.certificate_report(), "the connection")
    newer = kiosk.trust.read() | {
        "device.pem": papers.certificate("r-5", time.time() + 400 * DAY_S)
    }
    kiosk.trust.install(newer)
    report = kiosk.fleet.certificate_report()
    assert (report["state"], "旧证书" in str(report["detail"])) == ("old", True)
    kiosk.fleet.stop()
    assert "in_use_until" not in kiosk.fleet.certificate_report()
