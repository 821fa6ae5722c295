"""What a hub is started with."""

from __future__ import annotations

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
    open_registry: bool = False
    keep_days: float = 180.0
    """Events, and closed tickets."""
    keep_text_days: float = 30.0
    """What citizens said, redacted: the text of unanswered questions and the stories of tickets."""

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
    if (certificate is None) != (key is None):
        raise KioskError("input", "certificate and key go together: give --tls-cert and --tls-key")
    if certificate is not None and ca is None:
        raise KioskError("input", "a certificate needs --tls-ca too, to know the broker by")
    for path in (ca, certificate, key):
        if path is not None and not path.is_file():
            raise KioskError("input", f"{path}: no such file")
    return Broker(host.strip("[]"), int(port), ca, certificate, key)
