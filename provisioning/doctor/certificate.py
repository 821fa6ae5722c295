"""Is the kiosk's certificate in force, is its key its own and secret, and does the kiosk use it?"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provisioning.doctor import running
from provisioning.doctor.row import Figure, Row, Verdict
from provisioning.doctor.subject import Subject
from terminal.certificate import RESTART

SOON_DAYS = 30
AGAIN = "重新登记：kiosk provision enrol"


def look(subject: Subject) -> Iterator[Row]:
    """Look at the files of [hub], and ask the kiosk that runs with them, or with others."""
    hub = subject.settings.hub
    if hub is None or hub.tls_cert is None or hub.tls_key is None:
        yield Row("certificate", "note", "设备证书", "本机没有登记到管理平台", "")
        return
    yield from _files(hub.tls_cert, hub.tls_key, subject.now)
    if (told := running.health(subject.settings.screen)) is not None:
        yield judge_running(told)


def _files(certificate: Path, key_file: Path, clock_s: float) -> Iterator[Row]:
    try:
        leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        key = load_pem_private_key(key_file.read_bytes(), None)
        mode = stat.S_IMODE(key_file.stat().st_mode)
    except (OSError, ValueError) as error:
        yield Row("certificate", "fail", "设备证书", "读不出来", AGAIN, {"error": str(error)})
        return
    now = datetime.fromtimestamp(clock_s, UTC)
    yield judge_life(leaf.not_valid_before_utc, leaf.not_valid_after_utc, now)
    yield judge_key(mode, fits=key.public_key() == leaf.public_key())


def judge_life(begins: datetime, ends: datetime, now: datetime) -> Row:
    """Kiosks renew in time; few days left mean that they could not."""
    days = (ends - now).days
    figures: dict[str, Figure] = {"days_left": days, "until": ends.date().isoformat()}
    title = "设备证书"
    if now < begins:
        return Row("certificate.life", "fail", title, "还没有生效", "核对本机日期时间", figures)
    if now > ends:
        return Row("certificate.life", "fail", title, "已经过期", AGAIN, figures)
    mend = "接通网络让它自动续期" if days < SOON_DAYS else ""
    found = f"有效至 {ends.date()}，还有 {days} 天"
    return Row("certificate.life", "warn" if mend else "ok", title, found, mend, figures)


def judge_key(mode: int, *, fits: bool) -> Row:
    """`mode`: of the key's file."""
    title = "设备密钥"
    figures: dict[str, Figure] = {"mode": f"{mode:04o}", "fits": fits}
    if not fits:
        return Row("certificate.key", "fail", title, "与证书不是一对", AGAIN, figures)
    if mode & 0o077:
        mend = "收紧权限：chmod 600 device.key.pem"
        return Row("certificate.key", "fail", title, "别的用户也能读", mend, figures)
    return Row("certificate.key", "ok", title, "与证书相符，只有本程序能读", "", figures)


RUNNING: Mapping[str, tuple[Verdict, str]] = {
    "on": ("ok", "正在用的就是这一份"),
    "old": ("warn", "还在用旧证书"),
    "expired": ("fail", "已经过期，重连后平台会拒绝"),
    "bad": ("fail", "不能用"),
}
"""By what the running kiosk says."""


def judge_running(told: Mapping[str, Any]) -> Row:
    """`told`: its /health. One that was started before the enrolment says nothing of any."""
    part = told.get("certificate")
    title, row_id = "设备证书（程序所见）", "certificate.running"
    if not isinstance(part, Mapping):
        safe = told.get("start", {}).get("state") == "bare"
        found = "安全模式下看不到用的是哪一份" if safe else "登记以后还没有重启，没有用上证书"
        return Row(row_id, "warn", title, found, RESTART)
    state = str(part.get("state", ""))
    verdict, found = RUNNING.get(state, ("note", state))
    figures: dict[str, Figure] = {"state": state, "until": part.get("until") or None}
    if in_use := part.get("in_use_until"):
        figures["in_use_until"] = in_use
    mend = str(part.get("detail", ""))
    return Row(row_id, verdict, title, found, mend, figures)
