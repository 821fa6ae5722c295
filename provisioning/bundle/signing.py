"""Who made a bundle: an Ed25519 key, its fingerprint, and the signature over SHA256SUMS.

The same is checked without Python by:
openssl pkeyutl -verify -pubin -inkey bundle.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from fleet.errors import KioskError
from fleet.folders import config_folder

FINGERPRINT_DIGITS = 32
"""Of the sha256 of the raw public key, hexadecimal: 128 bits."""


def usual_key() -> Path:
    """Where an admin's private key lies if nothing else is said."""
    return config_folder() / "bundle.key"


def fingerprint(key: Ed25519PublicKey) -> str:
    """What people compare: 32 hexadecimal digits in groups of four."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    digits = hashlib.sha256(raw).hexdigest()[:FINGERPRINT_DIGITS]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def is_of(told: str, key: Ed25519PublicKey) -> bool:
    """Whether `told` is the key's fingerprint, however a person spaces it."""
    return re.sub(r"[\s:-]", "", told).lower() == fingerprint(key).replace(" ", "")


def make_key(file: Path) -> Ed25519PrivateKey:
    """Write a new private key that only this user may read. KioskError if the file exists."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        hint = "a new key would be a stranger to kiosks that know the old; name another file"
        raise KioskError("input", f"{file}: exists already; {hint}") from error
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be written ({error.strerror})") from error
    with open(handle, "wb") as out:  # noqa: PTH123 (a file descriptor has no path)
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    return key


def load_key(file: Path) -> Ed25519PrivateKey:
    """The private key in a file. KioskError if there is none."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError as error:
        hint = f"make one: kiosk provision key --out {file}"
        raise KioskError("input", f"{file}: no such key; {hint}") from error
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KioskError("input", f"{file}: no Ed25519 private key without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KioskError("input", f"{file}: not an Ed25519 key; see: kiosk provision key")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """As bundle.pub holds it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(pem: bytes) -> Ed25519PublicKey:
    """The key in bundle.pub. ValueError if it is none."""
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def is_signed(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    """Whether `signature` (64 bytes) is the key's over `content`."""
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True
