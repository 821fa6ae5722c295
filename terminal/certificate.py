"""A kiosk's own certificate: whose it is, until when, and what is wrong with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

log = logging.getLogger(__name__)

RESTART = "无人办事时重启服务程序：systemctl restart lobby-kiosk"
"""What the technician does to have it used."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What counts of it."""

    device: str
    ends_s: float
    """Seconds since 1970."""
    begins_s: float = 0.0
    serial: int = 0
    """Of its issuer's."""

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
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    return Certificate(str(name), ends.timestamp(), begins.timestamp(), leaf.serial_number)


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

    def report(self, clock_s: float, in_use: Certificate | None = None) -> dict[str, object]:
        """For `/health`: nothing where there is no certificate.

        in_use: the one that the connection to the hub was made with; None: there is none.
        """
        if self._file is None:
            return {}
        found = read(self._file)
        wrong = fault(self._file, self._device, clock_s)
        told: dict[str, object] = {"until": found.until if found else "", "detail": ""}
        if in_use is not None:
            told["in_use_until"] = in_use.until
        if wrong:
            is_over = found is not None and found.has_ended(clock_s)
            state = "expired" if is_over else "bad"
            return {"state": state, **told, "detail": f"{wrong}：{mend(self._device)}"}
        if in_use is not None and found is not None and _is_older(in_use, found):
            return {"state": "old", **told, "detail": _still_old(in_use, found, clock_s)}
        return {"state": "on", **told}


def _is_older(one: Certificate, other: Certificate) -> bool:
    """While a renewal is tried, the one in use is the newer."""
    return one.serial != other.serial and one.begins_s <= other.begins_s


def _still_old(in_use: Certificate, found: Certificate, clock_s: float) -> str:
    """A connection lives on with what it was made with, even when that has expired."""
    ended = in_use.has_ended(clock_s)
    so_far = f"已于 {in_use.until} 过期" if ended else f"有效至 {in_use.until}"
    return f"正在运行的程序还在用旧证书（{so_far}），新证书有效至 {found.until}：{RESTART}"
