"""A kiosk's application for a certificate: made once, and sent until it is answered.

It is kept whole, key and all: whoever sends the very same request again gets the same certificate,
so that an answer which was lost, or a power cut before it was put down, costs no token.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, ConfigDict, ValidationError

from fleet import codec, enrolment
from fleet.messages import EnrolRequest, EnrolResult, Place
from terminal.errors import KioskError
from terminal.sync.disk import Disk
from terminal.trust import CA, CERTIFICATE, KEY, KEYS, ROOT, Trust

_SECRET = 0o600


class Application(BaseModel):
    """One, with all that is secret in it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    device: str
    token: str
    key: str
    """PEM; never leaves the device."""
    csr: str
    """PEM."""
    nonce: str

    @classmethod
    def new(cls, device: str, token: str) -> Application:
        """With a key of its own; KioskError for a token that is none."""
        enrolment.parse(token)
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        nonce = secrets.token_hex(32)
        return cls(
            device=device,
            token=token.strip(),
            key=pem.decode(),
            csr=_csr(key, device),
            nonce=nonce,
        )

    @property
    def public(self) -> str:
        """The token's public part."""
        return enrolment.parse(self.token)[0]

    def request(self, now: float, hardware: str = "", place: Place | None = None) -> EnrolRequest:
        """What travels; nothing of it is secret."""
        return enrolment.request(self.token, self.csr, self.nonce, now, hardware, place)

    def answer(self, payload: bytes) -> EnrolResult | None:
        """The hub's; None if it is anybody else's, for anybody may write there."""
        try:
            result = codec.decode(EnrolResult, payload)
        except KioskError:
            return None
        secret = enrolment.parse(self.token)[1]
        return result if enrolment.is_of_hub(result, secret, self.nonce) else None

    def granted(self, result: EnrolResult) -> Enrolled:
        """KioskError, with the hub's own words if it refuses."""
        if result.error or not result.certificate or not result.trust:
            raise KioskError("input", f"登记被拒绝：{result.error or '中心的答复不完整'}")
        return Enrolled(self.device, self.key.encode(), result.certificate, result.trust)

    def keep(self, file: Path, disk: Disk, **more: object) -> None:
        """Put it down, for its owner alone, with what else is to be remembered."""
        content = json.dumps({**self.model_dump(), **more}, ensure_ascii=False)
        disk.put(file, content.encode(), _SECRET)


def kept(file: Path) -> tuple[Application, dict[str, Any]] | None:
    """What `keep` put down, and all of it; None if nothing of use is there."""
    try:
        raw: dict[str, Any] = json.loads(file.read_bytes())
        return Application.model_validate(raw), raw
    except (OSError, ValueError, ValidationError):
        return None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a kiosk has afterwards."""

    device: str
    key: bytes
    """PEM; secret."""
    certificate: str
    """PEM, the chain."""
    trust: Mapping[str, Any]

    @property
    def keys(self) -> dict[str, str]:
        """The hub's signing keys."""
        return {str(key): str(value) for key, value in self.trust["keys"].items()}

    @property
    def files(self) -> dict[str, bytes]:
        """As `terminal.trust` keeps them."""
        root = self.trust["root"]
        return {
            KEY: self.key,
            CERTIFICATE: self.certificate.encode(),
            CA: str(self.trust.get("ca", "")).encode(),
            ROOT: (root if isinstance(root, str) else json.dumps(root)).encode(),
            KEYS: json.dumps(self.keys, indent=1).encode(),
        }

    def save(self, folder: Path) -> None:
        """In use there from now on."""
        Trust(folder).install(self.files)


def _csr(key: ec.EllipticCurvePrivateKey, device: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
    return csr.public_bytes(Encoding.PEM).decode()
