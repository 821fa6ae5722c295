"""New kiosks over MQTT: prov/{token}/req -> certificate and trust on prov/{token}/res.

Whoever cannot prove that he knows the token's secret gets no answer. Whoever can is told in
Chinese what is wrong. A token is used up by its first certificate; the very same request is
answered again, because the answer may have got lost.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.x509 import load_pem_x509_certificates
from sqlalchemy import update
from sqlalchemy.orm import Session

from fleet import codec, enrolment, topics
from fleet.errors import KioskError
from fleet.messages import EnrolRequest, EnrolResult, Place
from hub import audit, ca, csr, desired, keys, registry, tokens
from hub.bus import Message
from hub.content import FOLDER, Content
from hub.content_tables import CertificateRow, TokenRow
from hub.context import Hub
from hub.tables import Kiosk
from knowledge import atomic

LOG = logging.getLogger(__name__)
ANSWER_LIVES_S = 300
_UNABLE = "中心暂时无法签发证书，请联系管理员"
BROKER_FILE = "broker.json"
"""Where kiosks find the broker: {"host", "port", "enrol_port"}; `kiosk hub certificates` writes it.
"""


class Desk:
    """Answers requests. `handle` listens on topics.ENROL_FILTER, of all processes one a request."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._key = keys.enrol_key(hub.data / keys.KEYS)
        self._limiter = audit.Limiter(hub.clock)

    def handle(self, messages: Sequence[Message]) -> None:
        """Whatever comes in; nothing of it stops the next."""
        for message in messages:
            try:
                result = self.answer(message.topic, message.payload, self._hub.clock())
            except KioskError as error:
                self._suspect(message.topic, error.message)
                continue
            topic = topics.enrol(topics.of_token(message.topic) or "", "res")
            self._hub.bus.publish(topic, codec.encode(result), expiry_s=ANSWER_LIVES_S)

    def answer(self, topic: str, payload: bytes, now: float) -> EnrolResult:
        """KioskError where there must be none."""
        asked = codec.decode(EnrolRequest, payload)
        if asked.token != topics.of_token(topic):
            raise KioskError("input", "a request on another token's topic")
        secret = tokens.secret(self._key, asked.token)
        if not enrolment.proves(asked, secret):
            raise KioskError("input", "a request without proof of the token's secret")
        place = enrolment.place_of(asked, secret)
        return enrolment.with_proof(self._decide(asked, place, now), secret)

    def _decide(self, asked: EnrolRequest, place: Place, now: float) -> EnrolResult:
        try:
            with self._hub.database.write() as session:
                certificate = self._certificate(session, asked, place, now)
            trust = trust_of(self._hub) | {"at": now}
        except KioskError as error:
            LOG.warning("token %s: not enrolled: %s", asked.token, error.message)
            known = error.message[:300] if error.code == "input" else _UNABLE
            return EnrolResult(nonce=asked.nonce, error=known, trust={"at": now})
        return EnrolResult(nonce=asked.nonce, certificate=certificate, trust=trust)

    def _certificate(self, session: Session, asked: EnrolRequest, place: Place, now: float) -> str:
        row = session.get(TokenRow, asked.token, with_for_update=True)
        if row is None:
            raise KioskError("input", "此令牌已不存在，请向管理员索取新令牌")
        digest = hashlib.sha256(asked.csr.encode()).hexdigest()
        if row.used is not None:
            if row.asked == digest and row.certificate:
                return row.certificate
            said = f"此令牌已于 {_when(row.used)} 用过，每个令牌只能用一次；请向管理员索取新令牌"
            raise KioskError("input", said)
        if now > row.expires:
            said = f"此令牌已于 {_when(row.expires)} 过期，请向管理员索取新令牌"
            raise KioskError("input", said)
        wanted = csr.read(asked.csr)
        _check_name(session, row, wanted.device)
        chain = ca.load(self._hub.data, "devices").for_device(wanted.device, wanted.key, now)
        _take_in(session, row, wanted.device, place, now)
        session.add(_certificate_row(wanted.device, chain, now))
        row.used, row.used_by, row.asked = now, wanted.device, digest
        row.certificate = chain.decode()
        detail = f"token {row.token} of {row.by}; {asked.hardware}"
        audit.note(session, now, wanted.device, "enrol", wanted.device, detail)
        return row.certificate

    def _suspect(self, topic: str, what: str) -> None:
        """Strangers may send anything; one line a minute about it is enough."""
        if self._limiter.allows("enrol"):
            LOG.warning("%s: %s", topic, what)
            with self._hub.database.write() as session:
                audit.note(session, self._hub.clock(), "stranger", "enrol-refused", topic, what)


def trust_of(hub: Hub) -> dict[str, Any]:
    """What a kiosk must trust from now on; nothing of it is secret."""
    content = Content(hub.data / FOLDER)
    version = content.root().signed.version
    root = content.read(f"metadata/{version}.root.json") or b""
    trust: dict[str, Any] = {
        "root": root.decode(),
        "keys": {hub.signer.key_id: hub.signer.public},
        "ca": ca.trusted(hub.data, "services"),
    }
    where = _where(hub.data)
    return trust | ({"broker": where} if where else {})


def say_where(data: Path, host: str, port: int, enrol_port: int) -> None:
    """Note where kiosks find the broker, and the one for who has no certificate."""
    where = {"host": host, "port": port, "enrol_port": enrol_port}
    atomic.write(data / BROKER_FILE, json.dumps(where).encode())


def place(data: Path) -> dict[str, Any]:
    """Where a kiosk enrols: host and port; empty if nobody has said."""
    where = _where(data)
    return {"host": where["host"], "port": where["enrol_port"]} if where else {}


def _where(data: Path) -> dict[str, Any]:
    path = data / BROKER_FILE
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def _check_name(session: Session, row: TokenRow, device: str) -> None:
    if row.device is not None and row.device != device:
        raise KioskError("input", f"此令牌只能用于终端 {row.device}，不能用于 {device}")
    if row.device is None and session.get(Kiosk, device) is not None:
        said = f"终端编号 {device} 已被占用；如是更换主板，请向管理员索取指定该终端的令牌"
        raise KioskError("input", said)


def _take_in(session: Session, row: TokenRow, device: str, place: Place, now: float) -> None:
    """Into the registry; whoever was there under this name is out, unless it renews itself.

    What the token says of the place stands over what the kiosk says.
    """
    kiosk = session.get(Kiosk, device)
    if kiosk is None:
        site = row.site or place.site
        session.add(
            Kiosk(
                device=device,
                site=site,
                region=row.region or place.region,
                hall=place.hall,
                window=place.window,
                labels=row.labels,
                added=now,
                added_by=row.by,
            )
        )
        session.flush()
        desired.inherit(session, device, site)
        return
    if row.renews and kiosk.revoked is not None:
        raise KioskError("input", f"终端 {device} 已被吊销，不能续期")
    if not row.renews:
        _replace(session, kiosk, row, place, now)


def _replace(session: Session, kiosk: Kiosk, row: TokenRow, place: Place, now: float) -> None:
    """The same name on another board; what is known of it stays."""
    _revoke_older(session, kiosk.device, now)
    kiosk.revoked = None
    registry.forget(kiosk)
    kiosk.site = row.site or kiosk.site or place.site
    kiosk.region = row.region or kiosk.region or place.region
    kiosk.hall, kiosk.window = place.hall or kiosk.hall, place.window or kiosk.window
    kiosk.labels = row.labels or kiosk.labels
    desired.forget(session, kiosk.device)


def _revoke_older(session: Session, device: str, now: float) -> None:
    older = (CertificateRow.device == device) & CertificateRow.revoked.is_(None)
    session.execute(update(CertificateRow).where(older).values(revoked=now))


def _certificate_row(device: str, chain: bytes, now: float) -> CertificateRow:
    leaf = load_pem_x509_certificates(chain)[0]
    return CertificateRow(
        serial=f"{leaf.serial_number:x}",
        device=device,
        issued=now,
        expires=leaf.not_valid_after_utc.timestamp(),
    )


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
