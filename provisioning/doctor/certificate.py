"""Is the kiosk's certificate in force, and is its key its own and secret?"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject

SOON_DAYS = 30
AGAIN = "重新登记：kiosk provision enrol"


def look(subject: Subject) -> Iterator[Row]:
    """Look at the files of [hub]."""
    hub = subject.settings.hub
    if hub is None or hub.tls_cert is None or hub.tls_key is None:
        yield Row("certificate", "note", "设备证书", "本机没有登记到管理平台", "")
        return
    try:
        leaf = x509.load_pem_x509_certificates(hub.tls_cert.read_bytes())[0]
        key = load_pem_private_key(hub.tls_key.read_bytes(), None)
        mode = stat.S_IMODE(hub.tls_key.stat().st_mode)
    except (OSError, ValueError) as error:
        yield Row("certificate", "fail", "设备证书", "读不出来", AGAIN, {"error": str(error)})
        return
    now = datetime.fromtimestamp(subject.now, UTC)
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
