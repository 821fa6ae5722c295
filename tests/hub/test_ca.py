from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import KioskError
from hub import ca, csr

NOW = time.time()
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def asks(key: Key, *names: tuple[x509.ObjectIdentifier, str]) -> str:
    subject = x509.Name([x509.NameAttribute(kind, name) for kind, name in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.PEM).decode()


def test_a_kiosks_certificate_is_the_devices_authoritys_for_a_year(tmp_path: Path) -> None:
    ca.make(tmp_path, NOW)
    chain = ca.load(tmp_path, "devices").for_device("k-1", new_key().public_key(), NOW)
    leaf, root = x509.load_pem_x509_certificates(chain)
    assert leaf.subject.rfc4514_string() == "CN=k-1"
    assert (leaf.not_valid_after_utc - datetime.fromtimestamp(NOW, UTC)).days in {364, 365}
    assert root == ca.load(tmp_path, "devices").certificate
    leaf.verify_directly_issued_by(root)
    with pytest.raises(ValueError, match="Issuer"):
        leaf.verify_directly_issued_by(ca.load(tmp_path, "services").certificate)


def test_a_brokers_certificate_is_good_for_its_names(tmp_path: Path) -> None:
    ca.make(tmp_path, NOW)
    _, path = ca.issue_service(tmp_path, "broker", ["broker.example.cn", "127.0.0.1"], NOW)
    leaf = x509.load_pem_x509_certificate(path.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["broker.example.cn"]
    assert len(names.get_values_for_type(x509.IPAddress)) == 1


def test_keys_are_for_their_owner_and_made_once(tmp_path: Path) -> None:
    ca.make(tmp_path, NOW)
    ca.issue_service(tmp_path, "hub.services", (), NOW)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    secret = [path for path in before if path.parent.name == "keys" or ".key." in path.name]
    assert len(secret) == 3
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    ca.make(tmp_path, NOW + 99)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_list_of_revoked_certificates(tmp_path: Path) -> None:
    ca.make(tmp_path, NOW)
    authority = ca.load(tmp_path, "devices")
    found = x509.load_pem_x509_crl(authority.revoked([(77, NOW - 5)], NOW))
    assert [each.serial_number for each in found] == [77]
    key = authority.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert found.is_signature_valid(key)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="run kiosk hub init"):
        ca.load(tmp_path, "devices")
    ca.make(tmp_path, NOW)
    (tmp_path / "tls" / "devices-ca.pem").write_text("x")
    with pytest.raises(KioskError, match="damaged"):
        ca.load(tmp_path, "devices")


def test_a_good_request() -> None:
    key = new_key()
    found = csr.read(asks(key, (NameOID.COMMON_NAME, "gov-lobby-01")))
    assert (found.device, found.key) == ("gov-lobby-01", key.public_key())


@pytest.mark.parametrize(
    "name", ["hub.services", "K-1", "-k", "k_1", "k/1", "+", "#", "终端", "a" * 64]
)
def test_names_that_are_no_kiosks_are_refused(name: str) -> None:
    with pytest.raises(KioskError, match="通用名不合规"):
        csr.read(asks(new_key(), (NameOID.COMMON_NAME, name)))


def test_other_keys_and_subjects_are_refused() -> None:
    name = (NameOID.COMMON_NAME, "k-1")
    for key in (
        rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
    ):
        with pytest.raises(KioskError, match="须为 ECDSA P-256"):
            csr.read(asks(key, name))
    for names in ([], [name, name], [(NameOID.ORGANIZATION_NAME, "k-1")]):
        with pytest.raises(KioskError, match="只能有一个通用名"):
            csr.read(asks(new_key(), *names))


def test_a_request_signed_by_another_key_is_refused() -> None:
    text = asks(new_key(), (NameOID.COMMON_NAME, "k-1"))
    found = x509.load_pem_x509_csr(text.encode())
    raw = bytearray(found.public_bytes(Encoding.DER))
    position = raw.rindex(b"k-1")
    raw[position : position + 3] = b"k-2"
    forged = x509.load_der_x509_csr(bytes(raw)).public_bytes(Encoding.PEM).decode()
    with pytest.raises(KioskError, match="签名不对"):
        csr.read(forged)


@given(
    st.one_of(
        st.text(max_size=300),
        st.binary(max_size=200).map(
            lambda raw: (
                f"-----BEGIN CERTIFICATE REQUEST-----\n{__import__('base64').b64encode(raw).decode()}\n-----END CERTIFICATE REQUEST-----\n"
            )
        ),
    )
)
def test_noise_is_refused_politely(noise: str) -> None:
    with pytest.raises(KioskError, match="证书请求已损坏或无法识别"):
        csr.read(noise)
