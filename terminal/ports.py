"""Free ports of this machine."""

from __future__ import annotations

import socket
from contextlib import suppress

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server((LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether this program could listen on it."""
    with suppress(OSError), socket.create_server((host, port)):
        return True
    return False


def answers(port: int, host: str = LOOPBACK, wait_s: float = 0.2) -> bool:
    """Whether something takes connections there."""
    with suppress(OSError), socket.create_connection((host, port), wait_s):
        return True
    return False
