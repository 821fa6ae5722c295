"""What a hub is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fleet.errors import KioskError
from hub.bus import Broker
from hub.database import default_url


@dataclass(frozen=True, slots=True)
class Settings:
    """From the command line; everything else is in the hub's folder."""

    data: Path
    broker: Broker = field(default_factory=Broker)
    database: str = ""
    """URL; empty: SQLite in the folder."""
    workers: int = 1
    host: str = "127.0.0.1"
    port: int = 8090
    certificate: Path | None = None
    """PEM: the HTTP API speaks TLS."""
    key: Path | None = None
    open_registry: bool = False
    keep_days: float = 180.0
    """Events, and closed tickets."""
    keep_text_days: float = 30.0
    """What citizens said, redacted: the text of unanswered questions and the stories of tickets."""
    keep_kinds: Mapping[str, float] = field(default_factory=dict)
    """Days, of kinds of events that are kept longer, or shorter, than the others."""

    @property
    def url(self) -> str:
        """Of the database."""
        return self.database or default_url(self.data)


def broker(
    address: str,
    ca: Path | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
) -> Broker:
    """From HOST:PORT and files; KioskError says what is wrong with them."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise KioskError("input", f"broker {address!r}: give HOST:PORT, such as 127.0.0.1:1883")
    check_pair(certificate, key, "--tls-cert and --tls-key")
    if certificate is not None and ca is None:
        raise KioskError("input", "a certificate needs --tls-ca too, to know the broker by")
    _check_file(ca)
    return Broker(host.strip("[]"), int(port), ca, certificate, key)


def check_pair(certificate: Path | None, key: Path | None, options: str) -> None:
    """KioskError unless both are there, or neither is asked for."""
    if (certificate is None) != (key is None):
        raise KioskError("input", f"certificate and key go together: give {options}")
    _check_file(certificate)
    _check_file(key)


def _check_file(path: Path | None) -> None:
    if path is not None and not path.is_file():
        raise KioskError("input", f"{path}: no such file")
