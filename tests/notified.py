"""A manager of services that listens: what systemd's end of NOTIFY_SOCKET does."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self


class Manager:
    """Takes what a service says of itself, in order."""

    def __init__(self, address: Path | str) -> None:
        """`address`: a path, or @ and a name in the abstract namespace."""
        self.address = str(address)
        bound = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(bound)
        self._socket.setblocking(False)
        self.heard: list[dict[str, str]] = []
        """Messages, each by its variables."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()

    def listen(self) -> list[dict[str, str]]:
        """All that was said until now."""
        while True:
            try:
                message = self._socket.recv(4096).decode("utf-8")
            except BlockingIOError:
                return self.heard
            self.heard.append(dict(line.split("=", 1) for line in message.split("\n")))

    def told(self, name: str) -> list[str]:
        """The values of one variable, in order."""
        return [message[name] for message in self.listen() if name in message]

    def wait_for(self, true: Callable[[], bool], wait_s: float = 60.0) -> None:
        """Until that is so."""
        until = time.monotonic() + wait_s
        while not true():
            assert time.monotonic() < until, self.heard[-10:]
            time.sleep(0.05)
