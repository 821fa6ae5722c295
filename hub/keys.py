"""The hub's private keys, as files that nobody else may read (0600 in folders of 0700).

    keys/<key id>.pem          one file for each online key of TUF, found by the id that root names
    keys/command-<id>.pem      Ed25519, signs what goes down to kiosks
    keys/enrol.key             32 bytes from which the secrets of enrolment tokens are derived
    offline-root/<key id>.pem  signs root only; belongs on a stick in a safe, not on the hub

The key of `targets` is online, because packs are published through the hub, by people who have no
key. Whoever takes the hub over can therefore publish packs until root is rotated; kiosks still
refuse a pack that fails its own tests, and never go back to an older one by TUF alone.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from fleet.errors import KioskError
from fleet.signing import Signer
from knowledge import atomic

KEYS = "keys"
OFFLINE = "offline-root"
SECRET_MODE = 0o600
_FOLDER_MODE = 0o700
_ENROL = "enrol.key"


class Keyring:
    """A folder of private keys of TUF, found by the id of the public one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self) -> CryptoSigner:
        """Make a key and keep it."""
        signer = CryptoSigner.generate_ed25519()
        secret_folder(self.folder)
        atomic.write(self._path(signer.public_key), signer.private_bytes, SECRET_MODE)
        return signer

    def holds(self, key: Key) -> bool:
        """Whether the private half of `key` is here."""
        return self._path(key).is_file()

    def signer(self, key: Key) -> CryptoSigner:
        """The private half of `key`; KioskError("missing") says which file is not here."""
        private = _load(self._path(key))
        if not isinstance(key, SSlibKey):
            raise KioskError("input", f"{self._path(key)}: not a key of ours")
        return CryptoSigner(private, key)

    def drop(self, key: Key) -> None:
        """Destroy what is of no more use."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: Key) -> Path:
        return self.folder / f"{key.keyid[:16]}.pem"


def secret_folder(path: Path) -> None:
    """Make `path` a folder that only its owner may enter."""
    atomic.folder(path)
    path.chmod(_FOLDER_MODE)


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """PKCS 8, not encrypted: the folder's rights protect it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_command_key(folder: Path) -> None:
    """Make the key that signs commands, unless there is one."""
    secret_folder(folder)
    if _command_path(folder) is None:
        key = Ed25519PrivateKey.generate()
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        path = folder / f"command-{hashlib.sha256(raw).hexdigest()[:8]}.pem"
        atomic.write(path, private_pem(key), SECRET_MODE)


def command_signer(folder: Path) -> Signer:
    """Signs what goes down. Its key's id is the beginning of the public key's sha256."""
    path = _command_path(folder)
    if path is None:
        raise KioskError("missing", f"{folder}: no command key; run kiosk hub init")
    key = _load(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise KioskError("input", f"{path}: not an Ed25519 key; restore it from a copy")
    return Signer(path.stem.removeprefix("command-"), key)


def make_enrol_key(folder: Path) -> None:
    """Make the key that tokens are derived from, unless there is one."""
    secret_folder(folder)
    if not (folder / _ENROL).exists():
        atomic.write(folder / _ENROL, secrets.token_bytes(32), SECRET_MODE)


def enrol_key(folder: Path) -> bytes:
    """32 bytes."""
    path = folder / _ENROL
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KioskError("missing", f"{path}: cannot be read; run kiosk hub init") from error
    if len(raw) != 32:
        raise KioskError("input", f"{path}: damaged; restore it from a copy")
    return raw


def open_to_others(folder: Path) -> list[Path]:
    """Files under `folder` that others than their owner may read: the admin is told of them."""
    paths = sorted(folder.glob("*.pem")) + sorted(folder.glob("*.key"))
    return [path for path in paths if path.stat().st_mode & 0o077]


def _command_path(folder: Path) -> Path | None:
    return max(folder.glob("command-*.pem"), key=lambda path: path.stat().st_mtime, default=None)


def _load(path: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError as error:
        raise KioskError("missing", f"{path}: this private key is not here") from error
    except (OSError, ValueError, TypeError) as error:
        raise KioskError("input", f"{path}: cannot be read as a private key") from error
