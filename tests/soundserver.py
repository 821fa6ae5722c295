"""A PulseAudio of the test's own, with virtual devices: no system service, no settings touched."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

WAIT_S = 20.0
"""Generous: machines that test are busy."""

SCRIPT = """\
.fail
load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name=citizen rate=48000 channels=1
load-module module-null-sink sink_name=hall rate=48000 channels=2
load-module module-remap-source source_name=kiosk_ear master=citizen.monitor
set-default-source kiosk_ear
set-default-sink hall
"""
"""What is played into `citizen` the microphone hears; `hall` is the loudspeaker."""

ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.hall_array { type pulse; device "kiosk_ear"; hint { show on; description "Hall array" } }
"""
FAINT = 6553
"""Of 65536, cubed: noise at -65 dBFS, as a quiet hall's. A live microphone is never at zero."""


class SoundServer:
    """One daemon, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "native"
        alsa = folder / "alsa.conf"
        alsa.write_text(ALSA)
        (folder / "script.pa").write_text(SCRIPT.format(socket=self._socket))
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_SERVER": f"unix:{self._socket}",
            "ALSA_CONFIG_PATH": str(alsa),
        }
        self._daemon: subprocess.Popen[bytes] | None = None
        self._clients: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start it, and a faint noise in the microphone."""
        self._socket.unlink(missing_ok=True)
        arguments = "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes"
        script = self._folder / "script.pa"
        self._daemon = self._spawn("pulseaudio", *arguments.split(), "-F", str(script))
        self._clients.remove(self._daemon)
        wait_for(lambda: "hall.monitor" in self.pactl("list", "short", "sources"), "PulseAudio")
        noise = "--raw --format=s16le --rate=16000 --channels=1 --device=citizen".split()
        self._spawn("pacat", "--playback", *noise, f"--volume={FAINT}", "/dev/urandom")

    def kill(self) -> None:
        """As if it had crashed."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
        self._daemon = None
        for client in self._clients:
            client.kill()
            client.wait()
        self._clients.clear()

    def pactl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pactl", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def say(self, wav: Path) -> None:
        """Play a file into the microphone; returns when it is over."""
        play = ["paplay", "--device=citizen", str(wav)]
        subprocess.run(play, env=self.environment, check=True, timeout=60)

    def record(self, file: Path) -> subprocess.Popen[bytes]:
        """Record the loudspeaker, raw int16 at 16 kHz, until told to stop."""
        kind = "--raw --format=s16le --rate=16000 --channels=1 --latency-msec=50".split()
        return self._spawn("parec", *kind, "--device=hall.monitor", str(file))

    def stop(self, client: subprocess.Popen[bytes]) -> None:
        client.terminate()
        client.wait()
        self._clients.remove(client)

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, env=self.environment, stdout=silent, stderr=silent)
        self._clients.append(process)
        return process


def wait_for(condition: Callable[[], bool], what: str, seconds: float = WAIT_S) -> float:
    """Seconds until it is so; AssertionError if it never is."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"waited {seconds} s for: {what}"
        time.sleep(0.05)
    return time.monotonic() - began
