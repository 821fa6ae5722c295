"""A kiosk's own certificate: whose it is, until when, and what is wrong with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What counts of it."""

    device: str
    ends_s: float
    """Seconds since 1970."""

    @property
    def until(self) -> str:
        """In the machine's time zone."""
        return f"{datetime.fromtimestamp(self.ends_s).astimezone():%Y-%m-%d %H:%M}"

    def has_ended(self, clock_s: float) -> bool:
        """By this clock."""
        return clock_s > self.ends_s


def read(file: Path) -> Certificate | None:
    """The first of a chain, PEM; None where none can be read."""
    try:
        leaf = x509.load_pem_x509_certificates(file.read_bytes())[0]
        name = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    except (OSError, ValueError, IndexError):
        return None
    return Certificate(str(name), leaf.not_valid_after_utc.timestamp())


def fault(file: Path, device: str, clock_s: float) -> str | None:
    """Why `device` cannot be in the fleet with it, for the technician; None if it can."""
    found = read(file)
    if found is None:
        return f"终端 {device} 的证书读不出或已损坏"
    if found.device != device:
        return f"本机的证书是发给终端 {found.device} 的，不是 {device} 的"
    if found.has_ended(clock_s):
        now = f"{datetime.fromtimestamp(clock_s).astimezone():%Y-%m-%d %H:%M}"
        return f"终端 {device} 的证书已于 {found.until} 过期（本机时间 {now}）"
    return None


def mend(device: str) -> str:
    """What the technician does about a fault."""
    return (
        f"请向管理员索取新令牌（kiosk fleet enrol-token --device {device}），"
        "再运行 kiosk provision enrol --site 文件 --token 令牌"
    )


class Watch:
    """Tells in the log, once, that the certificate in use has expired."""

    def __init__(self, file: Path | None, device: str) -> None:
        """`file`: None: there is none to expire."""
        self._file = file
        self._device = device
        self._told = ""

    def look(self, clock_s: float) -> None:
        """Now and then: it may be renewed, and the clock may be set."""
        found = read(self._file) if self._file else None
        if found is None or not found.has_ended(clock_s):
            self._told = ""
        elif self._told != found.until:
            self._told = found.until
            log.error(
                "hub: the certificate of %s has expired on %s: check the clock, or get a token"
                " (kiosk fleet enrol-token --device %s) and run kiosk provision enrol",
                self._device,
                found.until,
                self._device,
            )

    def report(self, clock_s: float) -> dict[str, object]:
        """For `/health`: nothing where there is no certificate."""
        if self._file is None:
            return {}
        found = read(self._file)
        wrong = fault(self._file, self._device, clock_s)
        detail = f"{wrong}：{mend(self._device)}" if wrong else ""
        state = "on" if not wrong else "expired" if found and found.has_ended(clock_s) else "bad"
        return {"state": state, "until": found.until if found else "", "detail": detail}
