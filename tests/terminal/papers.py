"""Certificates of the tests' own: nobody signed them but themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def certificate(device: str, ends_s: float) -> bytes:
    """PEM."""
    ends = datetime.fromtimestamp(ends_s, UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
