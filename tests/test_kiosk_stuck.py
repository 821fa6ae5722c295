"""`kiosk run` in a process of its own, one stage of which hangs as a native call can."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.notified import Manager

ROOT = Path(__file__).parents[1]
WAIT_S = 60.0
SETTINGS = """
[screen]
port = 0
[care]
patience = 0.05
[voice_cache]
prepare = false
"""
LOUD = np.full(512, 8000, "<i2").tobytes()
QUIET = np.zeros(512, "<i2").tobytes()


class StuckKiosk:
    """The process, and a page of it without a browser."""

    def __init__(self, folder: Path, stage: str, times: int) -> None:
        self.manager = Manager(folder / "notify")
        self._log = folder / "stderr.txt"
        (folder / "kiosk.toml").write_text(SETTINGS)
        arguments = [str(ROOT / "tests/hanging_kiosk.py"), stage, str(times)]
        with self._log.open("w") as errors, (folder / "stdout.txt").open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, *arguments, str(folder / "kiosk.toml")],
                stdout=out,
                stderr=errors,
                cwd=ROOT,
                env={
                    "PYTHONPATH": str(ROOT),
                    "NOTIFY_SOCKET": self.manager.address,
                    "KIOSK_CACHE": str(folder / "cache"),
                    "KIOSK_STATE": str(folder / "state"),
                },
            )
        self.wait_for(lambda: "ready in" in self.log)
        found = re.search(r"open http://(\S+)/", self.log)
        assert found
        self.address = found[1]
        self._held = ExitStack()
        self.page = self._open()

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def _open(self) -> ClientConnection:
        origin = Origin(f"http://{self.address}")
        page = self._held.enter_context(connect(f"ws://{self.address}/ws", origin=origin))
        page.send(json.dumps({"type": "microphone", "state": "on"}))
        return page

    def speak(self) -> None:
        """A question of a second and a long silence, at twice the speed of a microphone."""
        for frame in [QUIET] * 10 + [LOUD] * 32 + [QUIET] * 110:
            self.page.send(frame)
            time.sleep(0.016)

    def type(self, text: str) -> None:
        self.page.send(json.dumps({"type": "typed", "text": text}))

    def until_shown(self, kind: str, wait_s: float = WAIT_S) -> dict[str, Any]:
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            message = self.page.recv(timeout=wait_s)
            if isinstance(message, str) and json.loads(message)["type"] == kind:
                shown: dict[str, Any] = json.loads(message)
                return shown
        raise AssertionError(f"no {kind}: {self.log}")

    def stages(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://{self.address}/health", timeout=10) as answer:
            stages: dict[str, Any] = json.load(answer)["stages"]
            return stages

    def wait_for(self, true: Any) -> None:
        until = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < until, self.log
            assert self.process.poll() is None, self.log
            time.sleep(0.05)

    def end(self) -> None:
        self._held.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT_S)


@pytest.fixture
def kiosk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StuckKiosk]:
    kiosk = StuckKiosk(tmp_path, *request.param)
    with kiosk.manager:
        try:
            yield kiosk
        finally:
            kiosk.end()


@pytest.mark.parametrize(
    "kiosk",
    [("hearing", 1), ("recognizing", 1), ("speaking", 1)],
    indirect=True,
    ids=lambda p: p[0],
)
def test_a_stage_that_hangs_is_started_again_alone(
    kiosk: StuckKiosk, request: pytest.FixtureRequest
) -> None:
    stage = request.node.callspec.id
    kiosk.speak()
    kiosk.wait_for(lambda: f"{stage} has hung" in kiosk.log)
    if stage == "hearing":  # Nothing was heard of the question; the page goes on listening.
        kiosk.wait_for(lambda: kiosk.stages()[stage]["state"] == "on")
    else:
        assert "请您再问一次" in kiosk.until_shown("note")["text"]
    kiosk.speak()
    assert kiosk.until_shown("reply")["answer_id"] == "gov.social_card.reissue"
    restarts = {name: each["restarts"] for name, each in kiosk.stages().items()}
    assert restarts == {each: int(each == stage) for each in ("hearing", "recognizing", "speaking")}
    assert kiosk.process.poll() is None
    told = kiosk.manager
    assert told.told("READY") == ["1"]
    assert told.told("EXTEND_TIMEOUT_USEC")
    assert any(stage in status for status in told.told("STATUS"))
    kiosk.process.terminate()
    assert kiosk.process.wait(WAIT_S) == 0, kiosk.log
    assert told.told("STOPPING") == ["1"]
    assert told.told("WATCHDOG")


@pytest.mark.parametrize("kiosk", [("recognizing", 9)], indirect=True)
def test_one_that_hangs_again_and_again_ends_the_program(kiosk: StuckKiosk) -> None:
    until = time.monotonic() + WAIT_S
    while kiosk.process.poll() is None and time.monotonic() < until:
        try:
            kiosk.speak()
        except Exception:  # noqa: BLE001 - the page goes with the program
            break
    assert kiosk.process.wait(WAIT_S) == 70, kiosk.log
    assert kiosk.log.count("recognizing has hung") == 2
    assert "kiosk: recognizing hangs again and again" in kiosk.log
