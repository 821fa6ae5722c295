"""An enrolment that waits for its hub: the broker is away, then it is there."""

from __future__ import annotations

import contextlib
import json
import stat
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from fleet import codec, enrolment, topics
from fleet.messages import EnrolRequest, EnrolResult
from provisioning import cli_enrol, pending
from terminal import enrolling
from terminal.config import load
from terminal.embedded_broker import EmbeddedBroker
from terminal.errors import KioskError
from terminal.ports import free_port
from tests.terminal.mqtt_client import Client

pytestmark = pytest.mark.broker

SECRET = "s" * 32
TOKEN = f"abc123.{SECRET}"
TRUST = {"root": {"signed": {}}, "keys": {"hub-1": "AAAA"}, "ca": "PEM"}

Answer = Callable[[EnrolRequest], EnrolResult]


class Place:
    """A kiosk's state, and its site file for a broker that is not there yet."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.trust = folder / "state" / "trust"
        self.site = folder / "site.toml"
        self.site.write_text(
            f'device = "hall-1"\n[label]\nsite = "one"\nwindow = "3"\n'
            f'[hub]\nenrol = "127.0.0.1:{self.port}"\ntoken = "{TOKEN}"\n'
        )
        self.file = pending.file_of(self.trust)
        self.asked: list[EnrolRequest] = []

    def enrol(self, *, queue: bool = False, queued: bool = False) -> None:
        site = None if queued else self.site
        cli_enrol.enrol(site, trust=self.trust, queue=queue, queued=queued, wait_s=3)

    def answers(self, hub: Client, answer: Answer) -> None:
        def on_message(_client: Any, _data: Any, message: Any) -> None:
            request = codec.decode(EnrolRequest, message.payload)
            self.asked.append(request)
            result = enrolment.with_proof(answer(request), SECRET)
            hub.paho.publish(topics.enrol(request.token, "res"), codec.encode(result), 1)

        hub.paho.on_message = on_message


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def hub(place: Place, tmp_path: Path) -> Iterator[Callable[[], Client]]:
    started: list[Any] = []

    def start() -> Client:
        (tmp_path / "broker").mkdir()
        started.append(EmbeddedBroker(tmp_path / "broker", place.port))
        client = Client(place.port, "hub", topics.ENROL_FILTER)
        started.append(client)
        return client

    yield start
    for each in reversed(started):
        each.stop()


def granted(request: EnrolRequest) -> EnrolResult:
    return EnrolResult(
        nonce=request.nonce, certificate="CERT", trust=TRUST | {"at": time.time() - 60}
    )


def test_it_goes_on_by_itself_when_the_hub_is_there(
    place: Place, hub: Callable[[], Client], capsys: pytest.CaptureFixture[str]
) -> None:
    place.enrol(queued=True)
    assert capsys.readouterr().out == ""
    place.enrol(queue=True)
    said = capsys.readouterr().out
    assert said.startswith("暂时未登记：连不上 127.0.0.1:")
    assert said.count("\n") == 1
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    key = json.loads(place.file.read_text())["key"]
    place.enrol(queued=True)
    assert capsys.readouterr().out.startswith("仍未登记：")
    place.answers(hub(), granted)
    place.enrol(queued=True)
    told = capsys.readouterr()
    assert told.out.startswith("登记成功：终端 hall-1 已加入中心")
    assert told.err == ""
    assert not place.file.exists()
    assert (place.trust / "device.key.pem").read_text() == key
    found = load(None, if_there=[place.trust / "hub.toml"]).hub
    assert found is not None
    assert (found.device, found.trust) == ("hall-1", place.trust)
    asked = enrolment.place_of(place.asked[0], SECRET)
    assert (asked.site, asked.window) == ("one", "3")
    place.enrol(queued=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", ["", "此令牌已过期"])
def test_a_clock_that_is_wrong_is_told_with_the_hubs_time(
    place: Place, hub: Callable[[], Client], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether the hub grants or refuses."""
    at = time.time() + 2 * 86_400 + 60

    def answer(asked: EnrolRequest) -> EnrolResult:
        if error:
            return EnrolResult(nonce=asked.nonce, error=error, trust={"at": at})
        return EnrolResult(nonce=asked.nonce, certificate="CERT", trust=TRUST | {"at": at})

    place.answers(hub(), answer)
    with pytest.raises(KioskError, match="过期") if error else contextlib.nullcontext():
        place.enrol()
    told = capsys.readouterr().err
    wanted = f"timedatectl set-time '{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}'"
    assert told.count("\n") == 1
    assert "比中心慢了约 2 天" in told
    assert wanted in told


def test_a_token_that_is_refused_is_erased(place: Place, hub: Callable[[], Client]) -> None:
    place.enrol(queue=True)
    place.answers(hub(), lambda asked: EnrolResult(nonce=asked.nonce, error="此令牌已过期"))
    with pytest.raises(KioskError, match="登记被拒绝：此令牌已过期"):
        place.enrol(queued=True)
    assert not place.file.exists()
    assert not enrolling.is_enrolled(place.trust)


def test_a_lost_answer_costs_no_token(place: Place, hub: Callable[[], Client]) -> None:
    client = hub()
    place.answers(
        client, lambda asked: EnrolResult(nonce="0" * 64, certificate="LOST", trust=TRUST)
    )
    with pytest.raises(enrolling.Unreachable, match="中心没有答复"):
        place.enrol()
    first = place.asked[0].csr
    assert pending.found(place.trust) is None
    place.answers(client, granted)
    place.enrol()
    assert {asked.csr for asked in place.asked} == {first}
    assert enrolling.is_enrolled(place.trust)


def test_a_token_that_waited_too_long_is_erased(place: Place) -> None:
    place.enrol(queue=True)
    raw = json.loads(place.file.read_text())
    place.file.write_text(json.dumps({**raw, "since": time.time() - 32 * 86_400}))
    with pytest.raises(KioskError, match="登记令牌已过期"):
        place.enrol(queued=True)
    assert not place.file.exists()


def test_two_at_once_do_not_meet(place: Place) -> None:
    with pending._alone(place.file), pytest.raises(KioskError, match="另一个登记正在进行"):
        place.enrol()
