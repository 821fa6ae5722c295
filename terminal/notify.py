"""What systemd is told of the kiosk, over the socket that it gives (sd_notify(3)).

Without NOTIFY_SOCKET every call does nothing; one that fails is no trouble of the kiosk's.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

MOST_STATUS = 200
"""Characters; it is shown in one line."""


class Notifier:
    """Of this process."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """`environment`: with NOTIFY_SOCKET (a path, or @ and a name), WATCHDOG_USEC and _PID."""
        told = os.environ if environment is None else environment
        self._address = _address(told.get("NOTIFY_SOCKET", ""))
        self.watchdog_s = _watchdog_s(told)
        """Longest time between two signs of life; 0: none are awaited."""

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return self._address != ""

    def ready(self, status: str) -> None:
        """Citizens can be served from now on."""
        self._tell("READY=1", f"STATUS={_line(status)}")

    def status(self, status: str) -> None:
        """For who asks systemctl: one line."""
        self._tell(f"STATUS={_line(status)}")

    def alive(self) -> None:
        """The watchdog's sign of life."""
        self._tell("WATCHDOG=1")

    def loading(self, status: str, more_s: float) -> None:
        """The start takes so much longer than now, at most."""
        self._tell(f"EXTEND_TIMEOUT_USEC={round(more_s * 1e6)}", f"STATUS={_line(status)}")

    def stopping(self, status: str = "stopping") -> None:
        """The end is on its way."""
        self._tell("STOPPING=1", f"STATUS={_line(status)}")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        # Never waits: a manager that is slow costs a message, not the kiosk's loop.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
        ):
            line.setblocking(False)
            line.sendto("\n".join(lines).encode("utf-8"), self._address)


def _address(told: str) -> str:
    """As `sendto` takes it; empty for what is no unix socket (vsock, of virtual machines)."""
    if told.startswith("@"):
        return f"\0{told[1:]}"
    return told if told.startswith("/") else ""


def _watchdog_s(told: Mapping[str, str]) -> float:
    if told.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0  # Meant for the process that started this one.
    with contextlib.suppress(ValueError):
        return int(told.get("WATCHDOG_USEC", "0")) / 1e6
    return 0.0


def _line(text: str) -> str:
    return " ".join(text.split())[:MOST_STATUS]
