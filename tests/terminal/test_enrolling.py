"""Enrolment of a kiosk over a real broker, with an answerer that knows the token's secret."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fleet import codec, enrolment, topics
from fleet.messages import EnrolRequest, EnrolResult
from terminal import enrolling
from terminal.embedded_broker import EmbeddedBroker
from terminal.errors import KioskError
from terminal.ports import free_port
from tests.terminal.mqtt_client import Client

pytestmark = pytest.mark.broker

TRUST = {"root": {"signed": {}}, "keys": {"hub-1": "AAAA"}, "ca": "PEM", "broker": {}}
PUBLIC, SECRET = "abc123", "s" * 32
TOKEN = f"{PUBLIC}.{SECRET}"

Answer = Callable[[EnrolRequest], EnrolResult]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"), free_port())
    yield broker.port
    broker.stop()


@pytest.fixture
def hub(port: int) -> Iterator[Client]:
    client = Client(port, "hub", topics.ENROL_FILTER)
    yield client
    client.stop()


def answers(hub: Client, answer: Answer) -> list[EnrolRequest]:
    asked: list[EnrolRequest] = []

    def on_message(_client: Any, _data: Any, message: Any) -> None:
        request = codec.decode(EnrolRequest, message.payload)
        asked.append(request)
        hub.paho.publish(topics.enrol(request.token, "res"), codec.encode(answer(request)), 1)

    hub.paho.on_message = on_message
    return asked


def granted(request: EnrolRequest) -> EnrolResult:
    result = EnrolResult(nonce=request.nonce, certificate="CERT", trust=TRUST)
    return enrolment.with_proof(result, SECRET)


def test_kiosk_gets_certificate_and_trust(hub: Client, port: int, tmp_path: Path) -> None:
    asked = answers(hub, granted)
    enrolled = enrolling.enrol("127.0.0.1", port, TOKEN, "hall-1", hardware="x86")
    csr = x509.load_pem_x509_csr(asked[0].csr.encode())
    assert csr.subject.rfc4514_string() == "CN=hall-1"
    assert csr.is_signature_valid
    assert enrolment.proves(asked[0], SECRET)
    assert SECRET not in codec.encode(asked[0]).decode()
    assert b"PRIVATE" not in codec.encode(asked[0])

    folder = tmp_path / "trust"
    assert not enrolling.is_enrolled(folder)
    enrolled.save(folder)
    assert enrolling.is_enrolled(folder)
    assert json.loads((folder / "keys.json").read_text()) == {"hub-1": "AAAA"}
    assert json.loads((folder / "root.json").read_text()) == {"signed": {}}
    assert (folder / "device.pem").read_text() == "CERT"
    key = folder / "device.key.pem"
    assert b"PRIVATE KEY" in key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_refusal_is_told_in_the_hubs_words(hub: Client, port: int) -> None:
    def refuse(request: EnrolRequest) -> EnrolResult:
        return enrolment.with_proof(EnrolResult(nonce=request.nonce, error="令牌已用过"), SECRET)

    answers(hub, refuse)
    with pytest.raises(KioskError, match="登记被拒绝：令牌已用过"):
        enrolling.enrol("127.0.0.1", port, TOKEN, "hall-1")


def test_who_does_not_know_the_secret_is_not_believed(hub: Client, port: int) -> None:
    def forge(request: EnrolRequest) -> EnrolResult:
        result = EnrolResult(nonce=request.nonce, certificate="CERT", trust=TRUST)
        return enrolment.with_proof(result, "a-guess-of-the-secret-0000")

    asked = answers(hub, forge)
    with pytest.raises(KioskError, match=f"127.0.0.1:{port} 连上了服务器，但中心没有答复"):
        enrolling.enrol("127.0.0.1", port, TOKEN, "hall-1", wait_s=0.1)
    assert asked


def test_token_of_another_form_is_one_line() -> None:
    with pytest.raises(KioskError, match="token: not of the form"):
        enrolling.enrol("127.0.0.1", 1, "abc", "hall-1")
