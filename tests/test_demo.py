"""`kiosk demo`: one command, and a hub, a broker, a kiosk and its page work together."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from knowledge import pack as packs
from terminal.hub_api import HubApi
from terminal.ports import answers
from tests.servers import wait_until

pytestmark = [pytest.mark.models, pytest.mark.broker]

ROOT = Path(__file__).parents[1]
READY_S = 240.0
TRIED_S = 1200.0
"""A pushed pack is tried by a process that yields to all others, and machines that test are busy."""
DEVICE = "demo-kiosk"


class Demo:
    """One run."""

    def __init__(self, state: Path, *options: str) -> None:
        self.state = state
        state.mkdir(parents=True, exist_ok=True)
        self.log = state.parent / "demo.log"
        command = [sys.executable, "-m", "terminal.cli", "demo", "--port", "0"]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--state", str(state), *options], stderr=out, cwd=ROOT
            )

    def said(self, pattern: str) -> str:
        def found() -> re.Match[str] | None:
            assert self.process.poll() is None, self.log.read_text()
            return re.search(pattern, self.log.read_text())

        wait_until(found, f"{pattern} in {self.log.read_text()}", READY_S)
        match = found()
        assert match is not None
        return match[1]

    @property
    def page(self) -> str:
        return self.said(r"ready in [\d.]+ s: open (http://\S+) in a browser")

    @property
    def hub(self) -> str:
        """Told once it answers, which may be after the page is ready."""
        return self.said(r"the hub is at (http://\S+);")

    def kiosk(self) -> dict[str, Any]:
        access = tomllib.loads((self.state / "admin.toml").read_text())
        assert access["hub"] == self.hub
        api = HubApi(access["hub"], access["token"])
        try:
            return api.get(f"/api/1/kiosks/{DEVICE}")
        finally:
            api.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "state")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def kiosk(*words: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminal.cli", *words],
        env={**os.environ, "KIOSK_HUB_ADMIN": str(state / "admin.toml")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def changed_pack(folder: Path) -> tuple[Path, str]:
    """The sample with a higher version and another answer; its label."""
    shutil.copytree(packs.find("gov-hall"), folder)
    version = packs.load(folder).manifest.version
    manifest = folder / "manifest.yaml"
    raised = manifest.read_text("utf-8").replace(f"version: {version}", f"version: {version + 1}")
    manifest.write_text(raised, "utf-8")
    return folder, f"gov-hall@{version + 1}"


def test_demo_works_is_pushed_to_and_goes_on_where_it_ended(demo: Demo, tmp_path: Path) -> None:
    assert httpx.get(demo.page, trust_env=False).is_success
    assert stat.S_IMODE((demo.state / "admin.toml").stat().st_mode) == 0o600
    first = packs.load(packs.find("gov-hall")).label
    wait_until(lambda: demo.kiosk()["desired"], "the first version to be desired", READY_S)
    wait_until(lambda: demo.kiosk()["pack"] == first, f"{first} to be in use", READY_S)
    assert demo.kiosk()["state"] == "online"

    second = kiosk("demo", "--port", "0", "--state", str(demo.state), state=demo.state)
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.splitlines()[-1] == (
        f"kiosk: a demo runs in {demo.state} already; stop it, or give --state another folder"
    )

    listed = kiosk("fleet", "ls", "--json", state=demo.state)
    assert DEVICE in listed.stdout, listed.stderr

    folder, label = changed_pack(tmp_path / "pack")
    pushed = kiosk("fleet", "push", str(folder), "--yes", "--no-wait", state=demo.state)
    assert pushed.returncode == 0, pushed.stderr
    wait_until(lambda: demo.kiosk()["pack"] == label, f"{label} to be in use", TRIED_S)

    hub = int(demo.hub.rsplit(":", 1)[1])
    assert demo.stop() == 0
    wait_until(lambda: not answers(hub), "the hub to end")

    again = Demo(demo.state)
    try:
        assert again.page
        assert "enrolling" not in again.log.read_text()
        assert httpx.get(f"{again.hub}/healthz", trust_env=False).is_success
        wait_until(lambda: again.kiosk()["state"] == "online", "the kiosk to be online", READY_S)
        assert again.kiosk()["pack"] == label
        own = psutil.Process(again.process.pid).children(recursive=True)
        again.process.kill()
        _, alive = psutil.wait_procs(own, timeout=30)
        assert alive == []
    finally:
        again.process.kill()
        again.process.wait()


def test_taken_port_is_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        state = tmp_path / "state"
        done = kiosk("demo", "--port", str(port), "--state", str(state), state=state)
    assert done.returncode == 2
    assert done.stderr == f"kiosk: 127.0.0.1:{port}: is taken; choose another with --port\n"
    assert not state.exists()
