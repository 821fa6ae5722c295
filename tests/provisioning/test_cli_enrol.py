from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from provisioning import cli_enrol
from terminal.config import Settings
from terminal.errors import KioskError

TOKEN = f"abc123.{'x' * 32}"


def test_the_settings_that_are_printed_are_settings(tmp_path: Path) -> None:
    text = cli_enrol.settings("hall-1", tmp_path, "mqtt.example.gov.cn:8883")
    hub = Settings.model_validate(tomllib.loads(text)).hub
    assert hub is not None
    assert (hub.broker, hub.device, hub.trust) == ("mqtt.example.gov.cn:8883", "hall-1", tmp_path)
    assert hub.tls_key == tmp_path / "device.key.pem"


@pytest.mark.parametrize(
    ("trust", "where"),
    [
        ({}, "asked:8883"),
        ({"broker": {"host": "mqtt", "port": 9883}}, "mqtt:9883"),
        ({"broker": {"host": "mqtt"}}, "mqtt:8883"),
        ({"broker": "odd"}, "asked:8883"),
    ],
)
def test_the_hub_says_where_its_broker_is(trust: dict[str, object], where: str) -> None:
    assert cli_enrol.broker_of(trust, "asked") == where


@pytest.mark.parametrize("broker", ["mqtt", "mqtt:", "mqtt:0", "mqtt:70000", "a b:1", ":1883"])
def test_a_place_that_is_none_is_told(broker: str, tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="must be HOST:PORT"):
        cli_enrol.enrol(broker, TOKEN, "hall-1", tmp_path)


def test_an_enrolment_is_not_overwritten_by_chance(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(KioskError, match="--again makes a new one"):
        cli_enrol.enrol("127.0.0.1:1", TOKEN, "hall-1", tmp_path)
