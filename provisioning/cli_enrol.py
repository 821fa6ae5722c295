"""`kiosk provision enrol`: a kiosk becomes part of a fleet."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from terminal.errors import KioskError

_WHERE = re.compile(r"([^\s:]+):([0-9]{1,5})")
_MOST = 65_535
USUAL_PORT = 8883


def enrol(
    broker: Annotated[str, typer.Option(help="HOST:PORT where strangers may ask, often 8885.")],
    token: Annotated[str, typer.Option(help="From `kiosk fleet enrol-token`; works once.")],
    device: Annotated[str, typer.Option(help="This kiosk's name: letters, digits, hyphens.")],
    trust: Annotated[Path, typer.Option(help="Folder for key, certificate and trust.")],
    ca: Annotated[
        Path | None, typer.Option(help="PEM: whom to believe that it is the broker.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Although the folder holds an enrolment already.")
    ] = False,
) -> None:
    """Get this kiosk's certificate by a one-time token, and print its [hub] settings."""
    from terminal import enrolling

    host, port = _where(broker)
    if enrolling.is_enrolled(trust) and not again:
        raise KioskError("input", f"{trust}: holds an enrolment; --again makes a new one")
    got = enrolling.enrol(host, port, token, device, ca=ca, hardware=platform.platform(terse=True))
    got.save(trust)
    print(settings(device, trust.absolute(), broker_of(got.trust, host)), end="")


def broker_of(trust: Mapping[str, Any], asked: str) -> str:
    """HOST:PORT for kiosks: as the hub says, else the usual port of the host that was `asked`."""
    told = trust.get("broker")
    if not isinstance(told, Mapping):
        return f"{asked}:{USUAL_PORT}"
    return f"{told.get('host', asked)}:{told.get('port', USUAL_PORT)}"


def settings(device: str, trust: Path, broker: str) -> str:
    """The [hub] section of the kiosk's settings."""
    return f"""[hub]
broker = "{broker}"
device = "{device}"
trust = "{trust}"
tls_ca = "{trust / "ca.pem"}"
tls_cert = "{trust / "device.pem"}"
tls_key = "{trust / "device.key.pem"}"
"""


def _where(broker: str) -> tuple[str, int]:
    found = _WHERE.fullmatch(broker)
    if found is None or not 0 < int(found[2]) <= _MOST:
        raise KioskError("input", f"--broker {broker}: must be HOST:PORT")
    return found[1], int(found[2])
