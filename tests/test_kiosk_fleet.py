"""The whole kiosk as a member of a fleet: `kiosk run`, a real broker, a small hub, real models."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from knowledge import pack as packs
from tests.servers import start_mosquitto
from tests.terminal.sync.hubs import DEVICE, FakeHub

pytestmark = [pytest.mark.broker, pytest.mark.models]

OLD, NEW = "钱不会白交，可以接着缴到够年限", "钱不会白交，可以继续缴到够年限"
QUESTION = "养老保险没缴够年限怎么办"
CONFIG = """
pack = "gov-hall"
[screen]
port = 0
[voice_cache]
prepare = false
[hub]
broker = "127.0.0.1:{port}"
device = "{device}"
trust = "{trust}"
folder = "{folder}"
text = "redacted"
allow = ["volume", "turn.end_s"]
health_s = 5
"""


class Running:
    """`kiosk run` in a process, and its page."""

    def __init__(self, config: Path, log: Path) -> None:
        self.log = log
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "terminal.cli", "run", "--config", str(config)],
                stderr=errors,
                cwd=Path(__file__).parents[1],
                env={**os.environ, "KIOSK_STATE": str(log.parent)},
            )
        self.page: ClientConnection

    def address(self) -> str:
        for _ in range(1200):
            if found := re.findall(r"open (http://\S+)", self.log.read_text()):
                return str(found[-1]).rstrip("/")
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def open_page(self) -> None:
        address = self.address()
        url = address.replace("http", "ws") + "/ws"
        line = connect(url, origin=Origin(address), proxy=None, max_size=None)
        self.page = line.__enter__()
        self.until("home")

    def say(self, **message: Any) -> None:
        self.page.send(json.dumps(message))

    def until(
        self, kind: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        while True:
            told = self.page.recv(timeout=60)
            if isinstance(told, str):
                message: dict[str, Any] = json.loads(told)
                if message["type"] == kind and fits(message):
                    return message

    def ask(self, text: str) -> dict[str, Any]:
        self.say(type="typed", text=text)
        return self.until("reply")

    def end_visit(self) -> None:
        self.say(type="press", button="home")
        self.until("state", lambda message: message["state"] == "idle")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    folder = tmp_path_factory.mktemp("fleet")
    with start_mosquitto(folder / "broker") as broker:
        hub = FakeHub(broker.port, folder / "hub")
        yield hub
        hub.close()


@pytest.fixture(scope="module")
def kiosk(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("kiosk")
    trust = folder / "trust"
    trust.mkdir()
    (trust / "root.json").write_bytes(hub.root)
    (trust / "keys.json").write_text(json.dumps({"one": hub.signer.public}))
    config = folder / "kiosk.toml"
    config.write_text(
        CONFIG.format(port=hub.port, device=DEVICE, trust=trust, folder=folder / "state")
    )
    running = Running(config, folder / "log")
    try:
        running.open_page()
        yield running
    finally:
        running.process.terminate()
        assert running.process.wait(60) == 0, running.log.read_text()


def test_new_answer_is_given_without_a_restart(hub: FakeHub, kiosk: Running) -> None:
    hub.until(lambda: hub.states and hub.states[-1].online, "the birth")
    hub.until(lambda: hub.reported, "a report")
    assert hub.reported[-1].pack is not None
    assert OLD in kiosk.ask(QUESTION)["spoken"]
    pack = hub.publish_pack(201, (OLD, NEW))
    version = hub.desire(pack)
    hub.until(lambda: hub.reported[-1].progress == "testing", "the self-test")
    # The visit in progress keeps its pack; the self-test is over long before.
    assert OLD in kiosk.ask(QUESTION)["spoken"]
    hub.until((packs_folder(kiosk) / "current.json").exists, "the commit", wait_s=120)
    assert OLD in kiosk.ask(QUESTION)["spoken"]
    kiosk.end_visit()
    report = hub.last(version)
    assert (report.progress, report.pack) == ("current", pack)
    assert report.right_percent is not None
    assert report.right_percent > 90
    assert NEW in kiosk.ask(QUESTION)["spoken"]
    kiosk.end_visit()
    print(f"right: {report.right_percent} %, {hub.sent_bytes} bytes")


def packs_folder(kiosk: Running) -> Path:
    return kiosk.log.parent / "state" / "packs"


def test_visit_is_reported_once(hub: FakeHub, kiosk: Running) -> None:
    before = len(hub.records("session"))
    kiosk.ask("补办社保卡要多少钱")
    unknown = kiosk.ask("火星上的房价多少钱一平米")
    assert unknown["outcome"] == "unknown"
    kiosk.ask("转人工")
    kiosk.end_visit()
    hub.until(lambda: len(hub.records("session")) == before + 1)
    session = hub.records("session")[-1]
    assert [turn.outcome for turn in session.turns] == ["answered", "unknown", "handoff"]
    assert session.pack == "gov-hall@201"
    hub.until(lambda: hub.records("unanswered"))
    (question,) = hub.records("unanswered")
    assert question.text == "火星上的房价多少钱一平米"
    assert question.meaning
    (ticket,) = hub.records("ticket")
    assert (ticket.sort, ticket.visit) == ("handoff", session.visit)
    print(question, ticket)


def done(hub: FakeHub, command: str) -> Any:
    hub.until(
        lambda: [r for r in hub.results if r.command == command and r.status != "accepted"],
        f"the end of {command}",
    )
    return [r for r in hub.results if r.command == command][-1]


def test_kiosk_is_taken_out_of_service_and_back(hub: FakeHub, kiosk: Running) -> None:
    assert done(hub, hub.command("out_of_service", reason="停电检修\x1b")).status == "done"
    told = kiosk.until("state", lambda message: message["state"] == "out_of_service")
    assert told["reason"] == "停电检修。"
    kiosk.say(type="typed", text=QUESTION)
    assert "人工窗口" in kiosk.until("note")["text"]
    hub.until(lambda: hub.health and hub.health[-1].state == "out_of_service", "health")
    assert hub.health[-1].details["service"] == "by command: 停电检修。"
    assert done(hub, hub.command("in_service")).status == "done"
    kiosk.until("state", lambda message: message["state"] == "idle")


def test_orders_are_checked_and_carried_out(hub: FakeHub, kiosk: Running) -> None:
    notice = packs.load(packs.BUILT_IN / "gov-hall").notices[0].text
    assert done(hub, hub.command("say", text="请把钱转到安全账户")).status == "refused"
    assert done(hub, hub.command("say", text=notice)).status == "done"
    assert kiosk.until("note")["text"] == notice
    kiosk.end_visit()
    assert done(hub, hub.command("volume", gain=9)).status == "refused"
    assert done(hub, hub.command("volume", gain=0.5)).status == "done"
    assert done(hub, hub.command("log_level", level="info")).status == "done"
    assert done(hub, hub.command("renew")).status == "refused"
    assert done(hub, hub.command("send_logs", lines=50)).status == "done"
    hub.until(lambda: hub.records("log"))
    assert any("gov-hall@201" in line for record in hub.records("log") for line in record.lines)


def test_config_within_limits(hub: FakeHub, kiosk: Running) -> None:
    wanted = {"volume": 0.8, "turn.end_s": 0.9, "screen.port": 1, "turn.pause_s": -1}
    version = hub.desire(hub.reported[-1].pack, config=wanted)
    report = hub.last(version)
    assert report.config == {"volume": 0.8}
    assert set(report.refused_config) == {"turn.end_s", "screen.port", "turn.pause_s"}
    assert "next start" in report.refused_config["turn.end_s"]


def test_restart_by_order_keeps_the_pack(hub: FakeHub, kiosk: Running) -> None:
    boot = hub.states[-1].boot
    kiosk.log.write_text("")
    assert done(hub, hub.command("reload")).status == "done"
    with pytest.raises(ConnectionClosed):
        kiosk.until("nothing")
    hub.until(lambda: hub.states[-1].boot > boot and hub.states[-1].online, "a restart", 120)
    kiosk.open_page()
    assert NEW in kiosk.ask(QUESTION)["spoken"]
    kiosk.end_visit()
    hub.until(lambda: hub.reported[-1].config.get("turn.end_s") == 0.9, "the config")
