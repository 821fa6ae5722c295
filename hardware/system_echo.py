"""The sound server's own echo canceller (PulseAudio, or PipeWire in its place): loaded once.

It sits between the devices and all programs, and knows the true clock of both devices; a
canceller inside the kiosk has to guess the delay. Noise suppression and gain control stay off:
recognisers hear worse behind them.

On an installed kiosk PipeWire has them from its start (hardware/pipewire), at its default devices;
named devices are for machines without that file.
"""

from __future__ import annotations

import subprocess
import threading

from fleet.errors import KioskError

SOURCE, SINK = "kiosk_source", "kiosk_sink"
MODULE = "module-echo-cancel"
AEC_ARGS = "noise_suppression=0 analog_gain_control=0 digital_gain_control=0"
ANSWER_S = 5.0
"""For a sound server that is busy; one that hangs is none."""

_lock = threading.Lock()
"""Microphone and loudspeaker are opened at the same time, and one canceller is enough."""


def set_up(microphone: str = "default", speaker: str = "default") -> None:
    """Have `kiosk_source` and `kiosk_sink`; nothing happens if they are there. Blocks for a moment.

    The devices are `default` or `pulse:NAME`. Raises KioskError("missing").
    """
    masters = {"source_master": microphone, "sink_master": speaker}
    for name in masters.values():
        if name != "default" and not name.startswith("pulse:"):
            raise KioskError(
                "missing",
                f"echo_canceller = system needs default or pulse:NAME devices, not {name!r}",
            )
    with _lock:
        if _names("sources") >= {SOURCE} and _names("sinks") >= {SINK}:
            return
        named = [
            f"{key}={name.removeprefix('pulse:')}"
            for key, name in masters.items()
            if name != "default"
        ]
        _pactl(
            "load-module",
            MODULE,
            "aec_method=webrtc",
            f'aec_args="{AEC_ARGS}"',
            f"source_name={SOURCE}",
            f"sink_name={SINK}",
            *named,
        )


def _names(kind: str) -> set[str]:
    return {line.split("\t")[1] for line in _pactl("list", "short", kind).splitlines() if line}


def _pactl(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["pactl", *arguments], capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
    except FileNotFoundError as error:
        raise KioskError(
            "missing", "pactl is missing; run: apt-get install pulseaudio-utils"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise KioskError("missing", "the sound server does not answer (pactl)") from error
    if done.returncode:
        said = " ".join(done.stderr.split()) or "no reason given"
        raise KioskError("missing", f"pactl {arguments[0]}: {said}")
    return done.stdout
