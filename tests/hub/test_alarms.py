"""What calls for an admin, by a kiosk's last health."""

from __future__ import annotations

from typing import Any

import pytest

from hub.alarms import Alarm, alarmed, alarms


@pytest.mark.parametrize("health", [None, {}, {"state": "idle", "parts": {"microphone": "on"}}])
def test_a_kiosk_that_is_well_calls_for_nobody(health: dict[str, Any] | None) -> None:
    assert list(alarms(health)) == []


def test_the_worst_comes_first_with_its_reason() -> None:
    health = {
        "state": "out_of_service",
        "parts": {"printer": "fault", "camera": "off", "pack": "fallback", "start": "bare"},
        "details": {
            "printer": "打印机缺纸",
            "start": "out of service: no model",
            "pack": "damaged",
        },
    }
    assert list(alarms(health)) == [
        Alarm("out_of_service", "out of service: no model"),
        Alarm("safe_mode", "out of service: no model"),
        Alarm("fallback_pack", "damaged"),
        Alarm("printer_fault", "打印机缺纸"),
    ]


def test_closed_by_its_staff_counts_before_how_it_started() -> None:
    details = {"service": "too hot: 机器温度过高", "start": "safe mode"}
    parts = {"start": "factory_pack"}
    found = list(alarms({"state": "out_of_service", "parts": parts, "details": details}))
    assert [each.why for each in found] == ["too hot: 机器温度过高", "safe mode"]


def test_a_kiosk_of_an_older_version_gives_no_reasons() -> None:
    health = {"state": "out_of_service", "parts": {"start": "factory_pack", "camera": "lost"}}
    assert [(each.name, each.why) for each in alarms(health)] == [
        ("out_of_service", ""),
        ("safe_mode", "factory_pack"),
        ("camera_lost", ""),
    ]


def test_a_fleet_is_counted_by_its_gravest_alarms() -> None:
    closed = {"state": "out_of_service", "parts": {"start": "bare"}}
    deaf = {"state": "idle", "parts": {"microphone": "lost", "camera": "silent"}}
    assert alarmed([closed, deaf, closed, {"state": "idle"}, None]) == {
        "any": 3,
        "out_of_service": 2,
        "safe_mode": 2,
        "fallback_pack": 0,
    }
