"""`python3 -m provisioning.install.last_resort`: the kiosk has failed start after start.

The machine is started anew, but not for ever: after two such restarts within a day it is left
running, and the kiosk is tried once an hour. Run by systemd, as root, with the system's Python.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from provisioning.install import durable
from provisioning.layout import Layout

MOST = 2
WITHIN_S = 86_400.0
AGAIN_S = 3_600.0
UNIT = "lobby-kiosk.service"


def file_of(layout: Layout) -> Path:
    """When the machine was restarted, seconds since 1970: root's, out of the kiosk's reach."""
    return layout.opt / "restarts.json"


def recent(times: list[float], now: float) -> list[float]:
    """Those of the last day. One that lies ahead counts too: a clock that is wrong spares none."""
    return [at for at in times if at > now - WITHIN_S]


def read(file: Path) -> list[float]:
    """What is noted; a damaged file has nothing."""
    try:
        return [float(at) for at in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def allowed(file: Path, now: float) -> bool:
    """Whether the machine may be restarted once more; notes that it is about to be."""
    times = recent(read(file), now)
    if len(times) >= MOST:
        return False
    try:
        durable.write(file, json.dumps([*times, now]) + "\n")
    except OSError:
        return False  # What cannot be counted must not be repeated.
    return True


def main() -> None:
    """Restart the machine, or wait and try the kiosk again."""
    if allowed(file_of(Layout()), time.time()):
        subprocess.run(["systemctl", "reboot", "--force"], check=True)
        return
    time.sleep(AGAIN_S)
    subprocess.run(["systemctl", "reset-failed", UNIT], check=True)
    subprocess.run(["systemctl", "start", "--no-block", UNIT], check=True)


if __name__ == "__main__":
    main()
