"""A PipeWire of the test's own, with the kiosk's configuration and virtual devices."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.soundserver import wait_for

ROOT = Path(__file__).parents[1]
DEVICES = """\
context.objects = [
  { factory = adapter args = { factory.name = support.null-audio-sink node.name = hall
    media.class = Audio/Sink audio.position = [ FL FR ] priority.session = 1000 } }
  { factory = adapter args = { factory.name = support.null-audio-sink node.name = ear
    media.class = Audio/Source/Virtual audio.position = [ MONO ] priority.session = 1000 } }
]
"""


class PipeWire:
    """The daemon, its session manager and its PulseAudio face."""

    def __init__(self, folder: Path) -> None:
        settings = folder / "config/pipewire/pipewire.conf.d"
        settings.mkdir(parents=True)
        for file in (ROOT / "hardware/pipewire").glob("*.conf"):
            (settings / file.name).write_text(file.read_text("utf-8"), "utf-8")
        (settings / "90-devices.conf").write_text(DEVICES)
        self.run = folder / "run"
        self.run.mkdir(mode=0o700)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PULSE_")},
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(self.run),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.run}/bus",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Returns when the kiosk's devices are there."""
        self._spawn("dbus-daemon", "--session", "--nofork", f"--address=unix:path={self.run}/bus")
        wait_for((self.run / "bus").exists, "the bus")
        self._spawn("pipewire")
        wait_for((self.run / "pipewire-0").exists, "PipeWire")
        self._spawn("wireplumber")
        self._spawn("pipewire-pulse")
        wait_for(lambda: "kiosk_source" in self.said("pactl", "list", "short", "sources"), "nodes")
        wait_for(lambda: "kiosk_playback" in self.said("pw-link", "-l"), "links")

    def stop(self) -> None:
        """All of it."""
        for process in reversed(self._started):
            process.kill()
            process.wait()

    def said(self, *command: str) -> str:
        """What a client printed; empty where it failed."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def _spawn(self, *command: str) -> None:
        quiet = subprocess.DEVNULL
        self._started.append(
            subprocess.Popen(command, env=self.environment, stdout=quiet, stderr=quiet)
        )
