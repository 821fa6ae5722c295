from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.signing import Signer
from terminal.config import HubSection
from terminal.enrolled import member_of
from terminal.errors import KioskError
from terminal.sync.link import Broker, Tls


def section(trust: Path, **more: object) -> HubSection:
    given = {"broker": "hub.example:8883", "device": "k1", "trust": trust}
    return HubSection.model_validate(given | more)


def with_keys(folder: Path) -> Path:
    public = Signer("one", Ed25519PrivateKey.generate()).public
    (folder / "keys.json").write_text(json.dumps({"one": public}))
    return folder


def test_member_is_who_enrolment_said(tmp_path: Path) -> None:
    for name in ("ca.pem", "device.pem", "device.key.pem"):
        (tmp_path / name).write_text("PEM")
    tls = {
        "tls_ca": tmp_path / "ca.pem",
        "tls_cert": tmp_path / "device.pem",
        "tls_key": tmp_path / "device.key.pem",
    }
    member = member_of(section(with_keys(tmp_path), cap_mb=5, **tls), tmp_path / "state")
    assert member.broker == Broker("hub.example", 8883, Tls(*tls.values()))
    assert (member.device, member.cap_bytes) == ("k1", 5_000_000)


def test_missing_trust_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="run kiosk provision enrol") as missing:
        member_of(section(tmp_path), tmp_path)
    assert missing.value.code == "missing"


@pytest.mark.parametrize("keys", ["nonsense", "[]", '{"one": "AAAA"}', "5"])
def test_keys_that_are_none_are_told(tmp_path: Path, keys: str) -> None:
    (tmp_path / "keys.json").write_text(keys)
    with pytest.raises(KioskError) as bad:
        member_of(section(tmp_path), tmp_path)
    assert bad.value.code == "input"
    assert "\n" not in bad.value.message


@pytest.mark.parametrize("broker", ["nothing", "host:", ":1883", "a b:1"])
def test_broker_needs_host_and_port(tmp_path: Path, broker: str) -> None:
    with pytest.raises(ValueError, match="broker"):
        section(tmp_path, broker=broker)
