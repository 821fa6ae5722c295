"""What enrolment left on a kiosk: who it is, whom it trusts, and how it gets to its broker."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from fleet.signing import Keys
from terminal.config import HubSection
from terminal.errors import KioskError
from terminal.sync.link import Broker, Tls
from terminal.sync.member import Member


def member_of(hub: HubSection, folder: Path) -> Member:
    """From the [hub] section; KioskError if a file of it is missing."""
    host, _, port = hub.broker.rpartition(":")
    tls = None
    if hub.tls_ca and hub.tls_cert and hub.tls_key:
        for path in (hub.tls_ca, hub.tls_cert, hub.tls_key):
            read_trust(path)
        tls = Tls(hub.tls_ca, hub.tls_cert, hub.tls_key)
    try:
        keys = Keys(json.loads(read_trust(hub.trust / "keys.json")))
    except (ValueError, AttributeError) as error:
        raise KioskError("input", f"{hub.trust}/keys.json: no keys; enrol again") from error
    return Member(
        hub.device,
        Broker(host, int(port), tls),
        keys,
        folder,
        cap_bytes=hub.cap_mb * 1_000_000,
        health_s=hub.health_s,
        app=version("lobby-kiosk"),
        trust=hub.trust,
    )


def read_trust(path: Path) -> bytes:
    """A file of the trust; KioskError says how to get it."""
    try:
        return path.read_bytes()
    except OSError as error:
        said = f"{path}: cannot be read ({error.strerror}); run kiosk provision enrol"
        raise KioskError("missing", said) from error
