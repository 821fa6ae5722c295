"""`kiosk run` in a process of its own, of which something is broken when it starts."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from knowledge import built
from terminal.safe_mode import FILE
from tests.installed import install
from tests.kiosk_process import HANDED_ON
from tests.notified import Manager
from tests.servers import free_port, start_mosquitto
from tests.terminal.sync.hubs import DEVICE, FakeHub

ROOT = Path(__file__).parents[1]
WAIT_S = 60.0
FAILING = str(ROOT / "tests/failing_kiosk.py")


class BrokenKiosk:
    """The process, at a port that stays the same when it starts anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.manager = Manager(folder / "notify")
        self._log = folder / "stderr.txt"
        self.port = free_port()
        self._settings = folder / "kiosk.toml"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str, settings: str = "", more: str = "") -> None:
        self._settings.write_text(
            f"[screen]\nport = {self.port}\n[care]\nstaff_phone = '010-1234'\n"
            f"[voice_cache]\nprepare = false\n{settings}"
        )
        with self._log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *arguments, str(self._settings), *more.split()],
                stdout=errors,
                stderr=errors,
                cwd=ROOT,
                env={
                    "PYTHONPATH": str(ROOT),
                    **{name: os.environ[name] for name in HANDED_ON if name in os.environ},
                    "NOTIFY_SOCKET": self.manager.address,
                    "KIOSK_MODELS": str(self.folder / "models"),
                    "KIOSK_CACHE": str(self.folder / "cache"),
                    "KIOSK_STATE": str(self.state),
                    "PATH": "/usr/bin:/bin",
                },
            )

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def wait_for(self, true: Callable[[], bool]) -> None:
        until = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < until, self.log
            assert self.process is not None
            assert self.process.poll() is None, self.log
            time.sleep(0.05)

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    def shown(self) -> dict[str, dict[str, Any]]:
        """What a page that comes now is shown first, by type."""
        origin = Origin(f"http://127.0.0.1:{self.port}")
        shown: dict[str, dict[str, Any]] = {}
        with connect(f"ws://127.0.0.1:{self.port}/ws", origin=origin) as page:
            while not {"home", "state"} <= set(shown):
                message = json.loads(page.recv(timeout=WAIT_S))
                shown[message["type"]] = message
        return shown

    def failed(self) -> int:
        count: int = json.loads((self.state / FILE).read_text())["failed"]
        return count

    def end(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_S)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[BrokenKiosk]:
    kiosk = BrokenKiosk(tmp_path)
    with kiosk.manager:
        try:
            yield kiosk
        finally:
            kiosk.end()


def of_fleet(kiosk: BrokenKiosk, hub: FakeHub | None = None) -> str:
    """Settings of a member; without `hub` it is away."""
    trust = kiosk.folder / "trust"
    trust.mkdir()
    keys = {"one": hub.signer.public} if hub else {}
    (trust / "keys.json").write_text(json.dumps(keys))
    (trust / "root.json").write_text("{}")
    return (
        f"[hub]\nbroker = '127.0.0.1:{hub.port if hub else free_port()}'\ndevice = '{DEVICE}'\n"
        f"trust = '{trust}'\nfolder = '{kiosk.state}'\nhealth_s = 5\n"
    )


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with start_mosquitto(tmp_path / "broker") as broker:
        hub = FakeHub(broker.port, tmp_path / "hub")
        yield hub
        hub.close()


def test_without_its_models_the_page_says_so_and_where_to_go(kiosk: BrokenKiosk) -> None:
    kiosk.state.mkdir()
    (kiosk.state / FILE).write_text('{"failed": 7}')
    kiosk.start("-m", "terminal.cli", "run", "--normal", "--config")
    kiosk.wait_for(lambda: "out of service" in kiosk.log)
    shown = kiosk.shown()
    assert shown["state"]["state"] == "out_of_service"
    assert "没有装好" in shown["home"]["greeting"]
    assert (shown["home"]["phone"], shown["home"]["counter"]) == (
        "010-1234",
        "一楼大门1号窗口（综合咨询台）",
    )
    health = kiosk.health()
    assert (health["ready"], health["start"]["state"]) == (False, "normal")
    assert "out of service" in health["start"]["told"][0]
    assert kiosk.failed() == 1
    assert kiosk.manager.told("READY") == ["1"]
    assert any("out of service" in status for status in kiosk.manager.told("STATUS"))
    assert kiosk.end() == 0, kiosk.log
    assert kiosk.failed() == 0


def test_it_serves_as_soon_as_its_models_load(kiosk: BrokenKiosk) -> None:
    kiosk.start(FAILING, "2")
    kiosk.wait_for(lambda: "ready in" in kiosk.log)
    assert kiosk.log.count("out of service: model whisper-hall is not here") == 2
    shown = kiosk.shown()
    assert shown["state"]["state"] != "out_of_service"
    assert shown["home"]["suggestions"]
    assert kiosk.health()["start"] == {"state": "normal", "failed": 3, "told": []}
    assert kiosk.end() == 0, kiosk.log


@pytest.mark.broker
def test_when_they_never_load_it_ends_up_bare_and_answers_what_is_typed_and_the_hub_hears_of_it(
    kiosk: BrokenKiosk, hub: FakeHub
) -> None:
    camera = "[presence]\ncamera = '/dev/video9'\n"
    kiosk.start(FAILING, "99", settings=camera + of_fleet(kiosk, hub))
    kiosk.wait_for(lambda: "ready in" in kiosk.log)
    health = kiosk.health()
    assert (health["start"]["state"], health["camera"]["source"]) == ("bare", "off")
    assert any("safe mode" in status for status in kiosk.manager.told("STATUS"))
    assert kiosk.log.count("loading models and pack") == 3  # And anew for each way to start.
    hub.until(lambda: hub.health and hub.health[-1].parts == {"start": "bare"}, "its health")
    assert hub.health[-1].state == "idle"
    assert hub.health[-1].details["start"].startswith("safe mode: typing and touch")
    hub.until(lambda: "safe_mode" in {each.flag for each in hub.records("quality")}, "the alarm")
    assert kiosk.end() == 0, kiosk.log


def test_with_a_broken_pack_it_answers_from_the_one_it_came_with(kiosk: BrokenKiosk) -> None:
    store = install(kiosk.state / "packs")
    victim = next((store.folder / built.BLOBS).iterdir())
    victim.write_bytes(victim.read_bytes()[:-9])
    kiosk.start(FAILING, "0", settings=of_fleet(kiosk))
    kiosk.wait_for(lambda: "ready in" in kiosk.log)
    assert re.search(r"loading models and pack gov-hall ", kiosk.log)
    assert "the installed pack is damaged" in kiosk.health()["start"]["told"][0]
    assert kiosk.shown()["home"]["suggestions"]
    assert kiosk.end() == 0, kiosk.log


@pytest.mark.broker
def test_the_hub_hears_that_nobody_is_served_and_why_and_may_start_it_anew(
    kiosk: BrokenKiosk, hub: FakeHub
) -> None:
    settings = of_fleet(kiosk, hub)
    kiosk.start("-m", "terminal.cli", "run", "--normal", "--config", settings=settings)
    hub.until(lambda: hub.health and hub.health[-1].state == "out_of_service", "its health")
    health = hub.health[-1]
    assert health.parts == {"start": "closed"}
    assert health.details["start"].startswith("out of service: ")
    hub.until(lambda: hub.records("quality"), "the alarm")
    [alarm] = hub.records("quality")
    assert (alarm.flag, alarm.detail) == ("out_of_service", health.details["start"])
    assert (hub.reported[-1].pack, hub.reported[-1].progress) == (None, "failed")

    refused = hub.command("volume", volume=0.5)
    hub.until(lambda: [each for each in hub.results if each.status == "refused"], "a refusal")
    assert [each.command for each in hub.results if each.status == "refused"] == [refused]

    boot = hub.states[-1].boot
    hub.command("reload")
    hub.until(
        lambda: hub.states[-1].online and hub.states[-1].boot > boot, "the next start", WAIT_S
    )
    kiosk.wait_for(lambda: kiosk.log.count("out of service") > 1)
    assert kiosk.end() == 0, kiosk.log


@pytest.mark.broker
def test_a_kiosk_that_came_to_serve_late_is_a_whole_member(
    kiosk: BrokenKiosk, hub: FakeHub
) -> None:
    kiosk.start(FAILING, "1", settings=of_fleet(kiosk, hub))
    kiosk.wait_for(lambda: "ready in" in kiosk.log)
    hub.until(lambda: hub.reported and hub.reported[-1].pack, "the pack in use")
    assert hub.reported[-1].progress == "current"

    def flags() -> list[str]:
        return [each.flag for each in hub.records("quality")]

    hub.until(lambda: len(flags()) == 2, "both alarms")
    assert flags() == ["out_of_service", "in_service"]
    hub.command("out_of_service")
    hub.until(lambda: hub.health and hub.health[-1].state == "out_of_service", "its health")
    assert hub.health[-1].details["service"] == "by command"
    hub.until(lambda: flags()[2:] == ["out_of_service"], "the alarm")
    hub.command("in_service")
    hub.until(lambda: flags()[3:] == ["in_service"], "its end")
    assert kiosk.end() == 0, kiosk.log
