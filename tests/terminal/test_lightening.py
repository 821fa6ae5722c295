"""Levels by temperature and supply, each with its way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.thermal import Thermal, Throttle, read
from terminal.lightening import STEADY_S, TOO_HOT_FOR_S, Level, Lightening


def warm(celsius: float | None, *throttled: Throttle) -> Thermal:
    return Thermal(celsius, frozenset(throttled))


def levels(*readings: float | None, every_s: float = 10.0) -> list[Level]:
    lightening = Lightening(75.0, 88.0)
    return [lightening.see(warm(each), now * every_s) for now, each in enumerate(readings)]


def test_a_cool_machine_and_one_without_sensors_work_as_usual() -> None:
    assert set(levels(20.0, 74.9, None)) == {"normal"}


def test_hot_is_left_five_degrees_below() -> None:
    assert levels(74.9, 75.0, 72.0, 70.1, 70.0, 74.0) == [
        "normal",
        "light",
        "light",
        "light",
        "normal",
        "normal",
    ]


def test_too_hot_for_two_minutes_rests_until_five_degrees_cooler() -> None:
    readings = [90.0, *[84.0] * 11]
    assert set(levels(*readings)) == {"lighter"}
    assert levels(*readings, 84.0, 83.1, 83.0)[12:] == ["too_hot", "too_hot", "light"]


def test_a_moment_of_too_hot_begins_anew() -> None:
    assert "too_hot" not in levels(*[90.0] * 11, 80.0, *[90.0] * 12)


@pytest.mark.parametrize("throttle", ["under_voltage", "throttled", "capped", "hot"])
def test_throttled_is_left_a_minute_later(throttle: Throttle) -> None:
    lightening = Lightening(75.0, 88.0)
    assert lightening.see(warm(50.0, throttle), 0.0) == "lighter"
    assert lightening.see(warm(50.0), STEADY_S - 1) == "lighter"
    assert lightening.see(warm(50.0), STEADY_S) == "normal"
    assert lightening.see(warm(None, throttle), 100.0) == "lighter"


def test_throttled_does_not_hide_that_it_is_too_hot() -> None:
    lightening = Lightening(75.0, 88.0)
    lightening.see(warm(90.0, "throttled"), 0.0)
    assert lightening.see(warm(90.0, "throttled"), TOO_HOT_FOR_S) == "too_hot"
    assert lightening.see(warm(None), TOO_HOT_FOR_S + 10) == "lighter", "its sensor is gone"


def test_of_a_machines_own_files(tmp_path: Path) -> None:
    zone = tmp_path / "sys/class/thermal/thermal_zone0"
    zone.mkdir(parents=True)
    (zone / "type").write_text("cpu-thermal\n")
    firmware = tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled"
    firmware.parent.mkdir(parents=True)
    lightening = Lightening(75.0, 88.0)
    found: list[Level] = []
    for now, (temp, bits) in enumerate([("60000", "0"), ("76000", "0"), ("60000", "50005")]):
        (zone / "temp").write_text(temp)
        firmware.write_text(bits)
        found.append(lightening.see(read(tmp_path), now * 10.0))
    assert found == ["normal", "light", "lighter"]
