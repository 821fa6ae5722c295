"""The key that signs what goes down to the kiosks: made once, read at each start."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from fleet.errors import KioskError
from fleet.signing import Signer

FILE = Path("keys/commands.pem")


def make(folder: Path) -> Signer:
    """A new key in the hub's folder, for its owner's eyes only."""
    private = Ed25519PrivateKey.generate()
    path = folder / FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return _signer(private)


def load(folder: Path) -> Signer:
    """KioskError if it is not there, or is no such key."""
    path = folder / FILE
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KioskError("missing", f"{path}: {error.strerror}; run kiosk hub init") from error
    except ValueError as error:
        raise KioskError("input", f"{path}: no private key in PEM") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KioskError("input", f"{path}: not an Ed25519 key")
    return _signer(private)


def _signer(private: Ed25519PrivateKey) -> Signer:
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(f"hub-{hashlib.sha256(raw).hexdigest()[:8]}", private)
