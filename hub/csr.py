"""A kiosk's request for a certificate: read, and refused unless it is what we sign."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleet.errors import KioskError

_DEVICE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""As fleet.topics.DeviceId."""
_UNREADABLE = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion)


@dataclass(frozen=True, slots=True)
class Request:
    """What a CSR asks for. Its extensions are not looked at: we write our own."""

    device: str
    key: ec.EllipticCurvePublicKey


def read(text: str) -> Request:
    """KioskError("input") in Chinese, for the technician at the kiosk."""
    try:
        found = x509.load_pem_x509_csr(text.encode())
        key = found.public_key()
        names = list(found.subject)
        genuine = found.is_signature_valid
    except _UNREADABLE as error:
        raise KioskError("input", "证书请求已损坏或无法识别，请在终端上重新生成") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KioskError("input", "证书请求的密钥类型不对：须为 ECDSA P-256")
    if not genuine:
        raise KioskError("input", "证书请求的签名不对，请在终端上重新生成")
    if len(names) != 1 or names[0].oid != NameOID.COMMON_NAME:
        raise KioskError("input", "证书请求的主体只能有一个通用名（CN），即终端编号")
    device = names[0].value
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        said = "终端编号只能用小写字母、数字和连字符，最长 63 个字符"
        raise KioskError("input", f"证书请求的通用名不合规：{said}")
    return Request(device, key)
