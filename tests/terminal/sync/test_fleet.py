"""The kiosk's part of the fleet against a small hub over a real broker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.messages import Acknowledged, PackName
from fleet.records import LogRecord, QualityRecord, TicketRecord
from fleet.signing import Signer
from knowledge import pack as packs
from terminal.sync.link import Message
from tests.servers import Mosquitto
from tests.terminal.sync.hubs import DEVICE, PAPER, Device, FakeHub

pytestmark = pytest.mark.broker

TICKET = TicketRecord(ticket="0123456789abcdef", visit="fedcba9876543210", reason="control.handoff")
EDIT = ("钱不会白交，可以接着缴到够年限", "钱不会白交，可以继续缴到够年限")


@pytest.fixture
def hub(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[FakeHub]:
    hub = FakeHub(mosquitto.port, tmp_path / "hub")
    yield hub
    hub.close()


@pytest.fixture
def device(hub: FakeHub, mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Device]:
    device = Device(hub, mosquitto.port, tmp_path / "device", packs.BUILT_IN / "gov-hall")
    hub.until(lambda: hub.states and hub.states[-1].online)
    yield device
    device.stop()


def test_events_come_once_and_are_forgotten(hub: FakeHub, device: Device) -> None:
    for _ in range(500):
        device.fleet.report(QualityRecord(flag="slow"), 1.0)
    device.fleet.report(TICKET, 2.0)
    hub.until(lambda: len(hub.stored) == 501)
    hub.until(lambda: len(device.fleet.outbox) == 0)
    assert hub.records("ticket") == [TICKET]


def test_silent_hub_loses_nothing(hub: FakeHub, device: Device) -> None:
    hub.acknowledges = False
    device.fleet.report(TICKET, 2.0)
    hub.until(lambda: hub.seen)
    assert len(device.fleet.outbox) == 1
    device.stop()
    hub.acknowledges = True
    device.start()
    hub.until(lambda: len(device.fleet.outbox) == 0)
    assert hub.records("ticket") == [TICKET]
    assert list(hub.seen.values()) == [2]


def test_broker_that_dies_loses_nothing(hub: FakeHub, device: Device, mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    for _ in range(50):
        device.fleet.report(TICKET, 2.0)
    time.sleep(1)
    mosquitto.start()
    hub.until(lambda: len(hub.stored) == 50)
    hub.until(lambda: len(device.fleet.outbox) == 0)


def test_restored_hub_gets_what_is_still_here(hub: FakeHub, device: Device) -> None:
    hub.acknowledges = False
    device.fleet.report(TICKET, 2.0)
    hub.until(lambda: hub.seen)
    hub.acknowledges = True
    hub.announce(7)
    hub.until(lambda: len(device.fleet.outbox) == 0)


def test_refused_events_are_not_sent_again(hub: FakeHub, device: Device) -> None:
    hub.refuses = lambda record: isinstance(record, LogRecord)
    device.fleet.report(LogRecord(lines=("bad",)), 1.0)
    hub.until(device.fleet.outbox.refused)
    assert len(device.fleet.outbox) == 0


def test_birth_and_goodbye_and_health(hub: FakeHub, device: Device) -> None:
    assert hub.states[-1].boot == device.fleet.outbox.boot
    hub.until(lambda: hub.health, "health")
    health = hub.health[-1]
    assert health.parts == {"microphone": "on", "printer": "fault"}
    assert health.details == {"printer": PAPER[:300]}
    assert health.memory_mb
    assert health.memory_mb > 10
    assert health.disk_free_mb
    device.stop()
    hub.until(lambda: not hub.states[-1].online)
    device.start()
    hub.until(lambda: hub.states[-1].online)


def test_one_changed_answer_costs_little_and_is_used(hub: FakeHub, device: Device) -> None:
    before = hub.publish_pack(101)
    assert hub.last(hub.desire(before)).pack == before
    sent = hub.sent_bytes
    pack = hub.publish_pack(102, EDIT)
    report = hub.last(hub.desire(pack))
    assert (report.progress, report.pack, report.right_percent) == ("current", pack, 95.0)
    assert hub.sent_bytes - sent <= 8_000
    print(f"a changed answer: {hub.sent_bytes - sent} bytes")
    assert packs.load(device.side.used[-1]).label == "gov-hall@102"
    assert len(hub.records("audit")) == 2


def test_first_pack_is_pulled_as_a_difference_from_the_one_that_came_with_the_kiosk(
    hub: FakeHub, device: Device
) -> None:
    pack = hub.publish_pack(103, EDIT)
    assert hub.last(hub.desire(pack)).pack == pack
    assert hub.sent_bytes <= 20_000
    print(f"first pack: {hub.sent_bytes} bytes")


def test_lost_chunks_are_asked_for_again(hub: FakeHub, device: Device) -> None:
    hub.loses = lambda number: number % 3 == 1
    pack = hub.publish_pack(104, EDIT)
    assert hub.last(hub.desire(pack)).pack == pack


def test_worse_pack_is_refused_once_and_the_old_one_stays(hub: FakeHub, device: Device) -> None:
    good = hub.publish_pack(105)
    hub.last(hub.desire(good))
    device.judge.percents["gov-hall@106"] = 60.0
    bad = hub.publish_pack(106, EDIT)
    report = hub.last(hub.desire(bad))
    assert (report.progress, report.pack) == ("refused", good)
    assert report.right_percent == 60.0
    assert "60.0 %" in report.detail
    tried = list(device.judge.tried)
    device.stop()
    device.start()
    hub.until(lambda: hub.states[-1].boot == device.fleet.outbox.boot)
    time.sleep(2.5)
    assert device.judge.tried == tried
    assert hub.reported[-1].progress == "refused"
    assert [each.action for each in hub.records("audit")].count("pack_refused") == 1


def test_pack_with_problems_is_refused(hub: FakeHub, device: Device) -> None:
    device.judge.problems["gov-hall@107"] = "lint: faq.yaml line 3: no"
    report = hub.last(hub.desire(hub.publish_pack(107)))
    assert (report.progress, report.detail) == ("refused", "lint: faq.yaml line 3: no")


def test_older_pack_needs_a_rollback(hub: FakeHub, device: Device) -> None:
    first, second = hub.publish_pack(108), hub.publish_pack(109, EDIT)
    hub.last(hub.desire(second))
    report = hub.last(hub.desire(first))
    assert (report.progress, report.pack) == ("refused", second)
    assert "only a rollback" in report.detail
    assert hub.last(hub.desire(first, rollback=True)).pack == first


def test_pack_that_was_not_signed_for_is_not_installed(hub: FakeHub, device: Device) -> None:
    real = hub.publish_pack(110)
    other = PackName(id=real.id, version=real.version, digest="0" * 64)
    report = hub.last(hub.desire(other))
    assert (report.progress, report.detail) == (
        "refused",
        "the signed index is of gov-hall@110, another one",
    )
    unknown = PackName(id=real.id, version=999, digest="0" * 64)
    assert hub.last(hub.desire(unknown)).progress == "failed"


def test_tampered_metadata_is_not_trusted(hub: FakeHub, device: Device) -> None:
    pack = hub.publish_pack(111)
    file = hub.repository.content.metadata / "timestamp.json"
    told = json.loads(file.read_text())
    told["signed"]["version"] += 1
    file.write_text(json.dumps(told))
    report = hub.last(hub.desire(pack))
    assert report.progress == "failed"
    assert "not to be trusted" in report.detail


def test_pack_that_the_kiosk_cannot_use_is_taken_back(hub: FakeHub, device: Device) -> None:
    good = hub.publish_pack(112)
    hub.last(hub.desire(good))
    device.side.fault = "cannot be loaded"
    report = hub.last(hub.desire(hub.publish_pack(113, EDIT)))
    assert (report.progress, report.pack, report.detail) == ("refused", good, "cannot be loaded")
    pointer = device.store.pointer()
    assert pointer is not None
    assert pointer.current.pack == good


def test_config_is_taken_within_what_the_site_allows(hub: FakeHub, device: Device) -> None:
    report = hub.last(hub.desire(None, config={"volume": 1.5, "turn.end_s": 9}))
    assert report.config == {"volume": 1.5}
    assert report.refused_config == {"turn.end_s": "not allowed here"}
    assert device.side.config[-1] == {"volume": 1.5}
    device.stop()
    device.start()
    hub.until(lambda: len(device.side.config) == 3)
    assert device.side.config[-1] == {"volume": 1.5}


def test_forged_and_misdirected_messages_are_refused_and_told(hub: FakeHub, device: Device) -> None:
    thief = Signer("one", Ed25519PrivateKey.generate())
    hub.command("out_of_service", signer=thief)
    hub.desire(hub.publish_pack(114), signer=thief, version=500)
    hub.desire(None, device="k2", version=501)
    hub.say("ack", Acknowledged(device="k2", boots={"1": ((1, 2**50),)}))
    hub.client.publish(f"lk/1/d/{DEVICE}/dn/cmd", b"nonsense", qos=1)
    hub.command("volume", lives_s=60, issued=time.time() - 4000)
    done = hub.command("volume", gain=1.0)
    hub.until(lambda: [each for each in hub.results if each.command == done])
    assert [each.kind for each in device.side.ran] == ["volume"]
    hub.until(lambda: hub.records("audit"))
    alarms = [each for each in hub.records("audit") if each.action == "message_refused"]
    assert len(alarms) == 1
    assert "signature does not fit" in alarms[0].detail
    assert hub.reported[-1].desired == 0


def test_command_is_done_once_however_often_it_comes(hub: FakeHub, device: Device) -> None:
    command = hub.command("volume", gain=1.2)
    hub.until(lambda: [each for each in hub.results if each.status == "done"])
    hub.command("volume", id=command, gain=1.2)
    device.stop()
    device.start()
    hub.command("volume", id=command, gain=1.2)
    # What was about to be told when the kiosk stopped may be lost, and is told again when asked.
    hub.until(lambda: len([each for each in hub.results if each.status == "done"]) >= 2)
    assert len(device.side.ran) == 1
    hub.until(lambda: hub.records("audit"))
    (audit,) = hub.records("audit")
    assert (audit.action, audit.by, audit.ok) == ("volume", "anna", True)


def test_rollback_command_goes_back_and_stays_there(hub: FakeHub, device: Device) -> None:
    first, second = hub.publish_pack(115), hub.publish_pack(116, EDIT)
    hub.last(hub.desire(first))
    hub.last(hub.desire(second))
    hub.command("rollback")
    hub.until(lambda: hub.results and hub.results[-1].status == "done")
    hub.until(lambda: hub.reported[-1].progress == "refused")
    assert hub.reported[-1].pack == first
    time.sleep(2.5)
    assert hub.reported[-1].pack == first


def test_flood_of_messages_is_dropped_and_survived(
    hub: FakeHub, mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(hub, mosquitto.port, tmp_path / "flooded", packs.BUILT_IN / "gov-hall")
    try:
        for _ in range(10_000):
            device.fleet.post(Message(f"lk/1/d/{DEVICE}/dn/cmd", b"x" * 1000))
        assert device.fleet._inbox.qsize() <= 2002
        device.fleet.report(TICKET, 1.0)
        hub.until(lambda: hub.records("ticket"))
    finally:
        device.stop()
