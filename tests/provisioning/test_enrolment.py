from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from provisioning import enrolment
from provisioning.enrolment import Given
from terminal.config import Settings
from terminal.errors import KioskError

TOKEN = f"abc123.{'x' * 32}"
SITE = f"""
device = "hall-1-a"
[label]
site = "hall-1"
window = "3"
[hub]
enrol = "mqtt.example.gov.cn:8885"
token = "{TOKEN}"
ca = "ca.pem"
"""


def written(folder: Path, text: str = SITE) -> Path:
    (folder / "site.toml").write_text(text)
    (folder / "ca.pem").write_text("PEM")
    return folder / "site.toml"


def test_the_settings_that_are_printed_are_settings(tmp_path: Path) -> None:
    text = enrolment.settings("hall-1", tmp_path, "mqtt.example.gov.cn:8883")
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
    assert enrolment.broker_of(trust, "asked") == where


@pytest.mark.parametrize("broker", ["mqtt", "mqtt:", "mqtt:0", "mqtt:70000", "a b:1", ":1883"])
def test_a_place_that_is_none_is_told(broker: str, tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="must be HOST:PORT"):
        enrolment.wanted(Given(broker, TOKEN, "hall-1", trust=tmp_path), None)


def test_the_site_file_says_what_the_options_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_STATE", "/var/lib/own")
    found = enrolment.wanted(Given(), written(tmp_path))
    assert (found.host, found.port) == ("mqtt.example.gov.cn", 8885)
    assert (found.token, found.device, found.ca) == (TOKEN, "hall-1-a", tmp_path / "ca.pem")
    assert found.trust == Path("/var/lib/own/trust")
    assert found.label.window == "3"
    other = Given(broker="mqtt:1", token="new.T", device="hall-2", trust=tmp_path)
    found = enrolment.wanted(other, written(tmp_path))
    assert (found.host, found.token, found.device, found.trust) == (
        "mqtt",
        "new.T",
        "hall-2",
        tmp_path,
    )
    monkeypatch.delenv("KIOSK_STATE")
    assert enrolment.trust_folder() == Path("/var/lib/lobby-kiosk/trust")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('device = "a"', "无需登记"),
        (SITE.replace('"ca.pem"', '"other.pem"'), "找不到 CA 证书文件"),
    ],
)
def test_what_a_site_file_lacks_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KioskError, match=said) as wrong:
        enrolment.wanted(Given(), written(tmp_path, text))
    assert "\n" not in wrong.value.message


def test_without_a_site_file_each_option_is_needed(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="--broker: give it, or a site file by --site"):
        enrolment.wanted(Given(token=TOKEN, device="a", trust=tmp_path), None)
