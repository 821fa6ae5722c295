"""Two certificate authorities, and what they sign. P-256 throughout.

devices   signs kiosks' certificates; the broker's listener for kiosks trusts this one alone
services  signs the broker's certificate, which kiosks trust, and those of the hub's own clients;
          the broker's listener for the hub trusts this one alone

So no kiosk's certificate, whatever its name, opens the hub's door, and none of the hub's the
kiosks'.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fleet.errors import KioskError
from hub.keys import KEYS, SECRET_MODE, secret_folder
from knowledge import atomic

TLS = "tls"
"""Folder of certificates and of the list of revoked ones: nothing in it is secret but *.key.pem."""
CRL = "devices.crl"

AUTHORITY_DAYS = 20 * 365
DEVICE_DAYS = 365
SERVICE_DAYS = 825
CRL_DAYS = 10 * 365
"""A broker refuses every kiosk once its list of revoked ones has expired; and it is a local file,
that nobody can hold back."""
_EARLY = timedelta(days=1)
"""A kiosk whose clock is a little slow must be able to use what it was just given."""

Kind = Literal["devices", "services"]


@dataclass(frozen=True, slots=True)
class Authority:
    """One of the two, with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def for_device(self, device: str, key: ec.EllipticCurvePublicKey, now: float) -> bytes:
        """A kiosk's certificate and this authority's, PEM."""
        usage = [ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._leaf(device, key, usage, (), DEVICE_DAYS, now) + pem(self.certificate)

    def for_server(self, hosts: Sequence[str], key: ec.EllipticCurvePublicKey, now: float) -> bytes:
        """A broker's certificate, for these names and addresses."""
        usage = [ExtendedKeyUsageOID.SERVER_AUTH]
        return self._leaf(hosts[0], key, usage, hosts, SERVICE_DAYS, now)

    def for_client(self, name: str, key: ec.EllipticCurvePublicKey, now: float) -> bytes:
        """A certificate of one of the hub's own clients."""
        usage = [ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._leaf(name, key, usage, (), SERVICE_DAYS, now)

    def revoked(self, serials: Iterable[tuple[int, float]], now: float) -> bytes:
        """The list of revoked certificates, PEM; each with the time when it was."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(_moment(now) - _EARLY)
        builder = builder.next_update(_moment(now) + timedelta(days=CRL_DAYS))
        for serial, at in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial)
            builder = builder.add_revoked_certificate(entry.revocation_date(_moment(at)).build())
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM)

    def _leaf(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        usage: list[x509.ObjectIdentifier],
        hosts: Sequence[str],
        days: int,
        now: float,
    ) -> bytes:
        builder = _builder(name, self.certificate.subject, key, days, now)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(_key_usage(signs_certificates=False), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), False)
        if hosts:
            names = x509.SubjectAlternativeName([_host(each) for each in hosts])
            builder = builder.add_extension(names, False)
        return pem(builder.sign(self.key, SHA256()))


def make(data: Path, now: float) -> None:
    """Both authorities and an empty list of revoked certificates, unless they are there."""
    secret_folder(data / KEYS)
    atomic.folder(data / TLS)
    for kind in ("devices", "services"):
        if not _certificate_path(data, kind).exists():
            key = ec.generate_private_key(ec.SECP256R1())
            atomic.write(_key_path(data, kind), key_pem(key), SECRET_MODE)
            atomic.write(_certificate_path(data, kind), pem(_self_signed(kind, key, now)))
    if not (data / TLS / CRL).exists():
        atomic.write(data / TLS / CRL, load(data, "devices").revoked((), now))


def load(data: Path, kind: Kind) -> Authority:
    """KioskError if it is not there or not whole."""
    path = _key_path(data, kind)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(_certificate_path(data, kind).read_bytes())
    except OSError as error:
        said = f"{error.filename}: cannot be read ({error.strerror}); run kiosk hub init"
        raise KioskError("missing", said) from error
    except ValueError as error:
        raise KioskError("input", f"{path}: or its certificate is damaged") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KioskError("input", f"{path}: not a P-256 key")
    return Authority(certificate, key)


def trusted(data: Path, kind: Kind) -> str:
    """The authority's certificate, PEM: what others need to trust it."""
    return _certificate_path(data, kind).read_text("ascii")


def issue_service(data: Path, name: str, hosts: Sequence[str], now: float) -> tuple[Path, Path]:
    """Key and certificate of a broker (with `hosts`) or a client; their paths under tls/."""
    authority = load(data, "services")
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    raw = (
        authority.for_server(hosts, public, now)
        if hosts
        else authority.for_client(name, public, now)
    )
    file = name.replace(".", "-")
    key_path, path = data / TLS / f"{file}.key.pem", data / TLS / f"{file}.pem"
    atomic.write(key_path, key_pem(key), SECRET_MODE)
    atomic.write(path, raw)
    return key_path, path


def pem(certificate: x509.Certificate) -> bytes:
    """As text."""
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS 8, not encrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _self_signed(kind: Kind, key: ec.EllipticCurvePrivateKey, now: float) -> x509.Certificate:
    name = _name(f"lobby-kiosk {kind}")
    builder = _builder(f"lobby-kiosk {kind}", name, key.public_key(), AUTHORITY_DAYS, now)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, False).sign(key, SHA256())


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int, now: float
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(issuer)
    builder = builder.public_key(key).serial_number(x509.random_serial_number())
    begin = _moment(now) - _EARLY
    return builder.not_valid_before(begin).not_valid_after(_moment(now) + timedelta(days=days))


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(int(now), UTC)


def _key_path(data: Path, kind: Kind) -> Path:
    return data / KEYS / f"{kind}-ca.pem"


def _certificate_path(data: Path, kind: Kind) -> Path:
    return data / TLS / f"{kind}-ca.pem"
