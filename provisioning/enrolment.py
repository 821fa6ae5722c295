"""An enrolment as a technician wants it: from the site file, and from the command line over it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioning import site as sites
from provisioning.layout import Layout
from provisioning.site import Label, Site
from terminal.errors import KioskError

USUAL_PORT = 8883
SETTINGS = "hub.toml"
"""In the folder of trust: what `kiosk run --config-if-there` takes."""
_WHERE = re.compile(r"([^\s:]+):([0-9]{1,5})")
_MOST = 65_535


@dataclass(frozen=True, slots=True)
class Given:
    """Options of the command line; None: not given."""

    broker: str | None = None
    token: str | None = None
    device: str | None = None
    ca: Path | None = None
    trust: Path | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that it takes."""

    host: str
    port: int
    token: str
    """Empty: nobody gave one."""
    device: str
    trust: Path
    """Folder for key, certificate and trust."""
    ca: Path | None = None
    """PEM: whom to believe that it is the broker."""
    label: Label = field(default_factory=Label)


def wanted(given: Given, site_file: Path | None) -> Wanted:
    """KioskError names the option that is missing, or what is wrong with it."""
    found = sites.read(site_file) if site_file else None
    hub = found.hub if found else None
    if found is not None and hub is None:
        said = f"{site_file} 里没有 [hub]：本终端不加入任何中心，无需登记"
        raise KioskError("input", said)
    broker = given.broker or (hub.enrol if hub else None)
    token = given.token or (hub.token if hub else None)
    device = given.device or (found.device if found else None)
    trust = given.trust or (trust_folder() if found else None)
    for name, value in (("broker", broker), ("device", device), ("trust", trust)):
        if not value:
            raise KioskError("input", f"--{name}: give it, or a site file by --site")
    host, port = _where(broker or "")
    ca = given.ca or _beside(site_file, found)
    if ca is not None and not ca.is_file():
        raise KioskError("input", f"找不到 CA 证书文件 {ca}：请从管理员处拷来放在那里，再登记一次")
    label = found.label if found else Label()
    return Wanted(host, port, token or "", device or "", trust or Path(), ca, label)


def trust_folder() -> Path:
    """Of an installed kiosk."""
    own = os.environ.get("KIOSK_STATE")
    return Path(own) / "trust" if own else Layout().trust


def broker_of(trust: Mapping[str, Any], asked: str) -> str:
    """HOST:PORT for kiosks: as the hub says, else the usual port of the host that was `asked`."""
    told = trust.get("broker")
    if not isinstance(told, Mapping):
        return f"{asked}:{USUAL_PORT}"
    return f"{told.get('host', asked)}:{told.get('port', USUAL_PORT)}"


def settings(device: str, trust: Path, broker: str) -> str:
    """The [hub] section of the kiosk's settings."""
    values = {
        "broker": broker,
        "device": device,
        "trust": trust,
        "tls_ca": trust / "ca.pem",
        "tls_cert": trust / "device.pem",
        "tls_key": trust / "device.key.pem",
    }
    lines = [f"{name} = {json.dumps(str(value))}" for name, value in values.items()]
    return "\n".join(["[hub]", *lines, ""])


def _beside(site_file: Path | None, found: Site | None) -> Path | None:
    hub = found.hub if found else None
    return site_file.parent / hub.ca if site_file and hub and hub.ca else None


def _where(broker: str) -> tuple[str, int]:
    found = _WHERE.fullmatch(broker)
    if found is None or not 0 < int(found[2]) <= _MOST:
        raise KioskError("input", f"--broker {broker}: must be HOST:PORT")
    return found[1], int(found[2])
