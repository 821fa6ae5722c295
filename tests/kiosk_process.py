"""`kiosk run` in a process of its own with engines of the tests', and a page of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.notified import Manager

ROOT = Path(__file__).parents[1]
WAIT_S = 60.0
HANDED_ON = ("OPENBLAS_NUM_THREADS",)
"""Of the environment: what script/test sets."""
SETTINGS = """
[screen]
port = 0
[care]
patience = 0.05
[voice_cache]
prepare = false
[wake]
# Else a voice that hangs does so while it is made ready for the call, before the kiosk serves.
prompt = ""
"""
LOUD = np.full(512, 8000, "<i2").tobytes()
QUIET = np.zeros(512, "<i2").tobytes()


class StuckKiosk:
    """The process, and a page of it without a browser."""

    def __init__(
        self,
        folder: Path,
        stages: str,
        times: int,
        *,
        disk: Path | None = None,
        settings: str = SETTINGS,
    ) -> None:
        """Each of the `stages` hangs so many `times`. disk: where cache and state lie."""
        disk = disk or folder
        self.manager = Manager(folder / "notify")
        self._log = folder / "stderr.txt"
        (folder / "kiosk.toml").write_text(settings)
        arguments = [str(ROOT / "tests/hanging_kiosk.py"), stages, str(times)]
        with self._log.open("w") as errors, (folder / "stdout.txt").open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, *arguments, str(folder / "kiosk.toml")],
                stdout=out,
                stderr=errors,
                cwd=ROOT,
                env={
                    "PYTHONPATH": str(ROOT),
                    **{name: os.environ[name] for name in HANDED_ON if name in os.environ},
                    "NOTIFY_SOCKET": self.manager.address,
                    "KIOSK_CACHE": str(disk / "cache"),
                    "KIOSK_STATE": str(disk / "state"),
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

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://{self.address}/health", timeout=10) as answer:
            health: dict[str, Any] = json.load(answer)
            return health

    def stages(self) -> dict[str, Any]:
        stages: dict[str, Any] = self.health()["stages"]
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
