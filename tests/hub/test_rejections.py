"""A flood of bad messages is counted whole, and told and kept in small part."""

import logging
from typing import Any

import pytest
from prometheus_client import REGISTRY

from hub import rejections
from hub.context import Hub
from hub.reading import Rejection
from hub.rejections import Recorder
from hub.tables import Audit, Refused
from tests.hub.harness import Clock


def counted(name: str, sort: str) -> float:
    return REGISTRY.get_sample_value(name, {"sort": sort}) or 0.0


def all_of(hub: Hub, table: Any) -> list[Any]:
    with hub.database.read() as session:
        return list(session.query(table).order_by(table.id))


def test_a_flood_of_one_kiosk_is_one_line_a_minute(
    light_hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(light_hub.database, light_hub.clock)
    before = counted("hub_hostile_messages_total", "cross-device")
    bad = Rejection("cross-device", "says that it is from k-2", "k-1", "a/topic", b"x" * 5000)
    for _ in range(50):
        recorder.record([bad] * 10)
    assert counted("hub_hostile_messages_total", "cross-device") - before == 500
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    assert [len(each.payload) for each in all_of(light_hub, Refused)] == [rejections.KEPT_BYTES]
    assert [each.action for each in all_of(light_hub, Audit)] == ["hostile-cross-device"]

    assert isinstance(light_hub.clock, Clock)
    light_hub.clock.now += 61
    recorder.record([bad])
    assert len(all_of(light_hub, Audit)) == 2


def test_an_accident_is_not_audited(light_hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    odd = Rejection("malformed", "no\x00 Batch", "", "a/\x00", b"\x00")
    Recorder(light_hub.database, light_hub.clock).record([odd])
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
    assert all_of(light_hub, Audit) == []
    assert all_of(light_hub, Refused)[0].payload == b"\x00"


def test_only_the_newest_are_kept(light_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejections, "KEPT", 150)
    recorder = Recorder(light_hub.database, light_hub.clock)
    for number in range(400):
        recorder.record([Rejection("malformed", "x", f"k-{number}")])
    kept = [each.reason.split(":")[0] for each in all_of(light_hub, Refused)]
    assert len(kept) <= 250
    assert kept[-1] == "k-399"


def test_without_a_database_nothing_fails(light_hub: Hub) -> None:
    recorder = Recorder(light_hub.database, light_hub.clock)
    with light_hub.database.write() as session:
        session.connection().exec_driver_sql("drop table refused")
    recorder.record([Rejection("unknown", "unknown kiosk", "k-1")])
