"""`kiosk run` in a process of its own, of which something is broken when it starts."""

from __future__ import annotations

import json
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
from tests.notified import Manager
from tests.servers import free_port

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


def of_fleet(kiosk: BrokenKiosk) -> str:
    """Settings of a member whose hub is away."""
    trust = kiosk.folder / "trust"
    trust.mkdir()
    for name in ("keys.json", "root.json"):
        (trust / name).write_text("{}")
    return (
        f"[hub]\nbroker = '127.0.0.1:{free_port()}'\ndevice = 'one'\n"
        f"trust = '{trust}'\nfolder = '{kiosk.state}'\n"
    )


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


def test_when_they_never_load_it_ends_up_bare_and_answers_what_is_typed(
    kiosk: BrokenKiosk,
) -> None:
    camera = "[presence]\ncamera = '/dev/video9'\n"
    kiosk.start(FAILING, "99", settings=camera + of_fleet(kiosk))
    kiosk.wait_for(lambda: "ready in" in kiosk.log)
    health = kiosk.health()
    assert (health["start"]["state"], health["camera"]["source"]) == ("bare", "off")
    assert any("safe mode" in status for status in kiosk.manager.told("STATUS"))
    assert kiosk.log.count("loading models and pack") == 3  # And anew for each way to start.
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
