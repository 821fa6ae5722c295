"""A kiosk becomes part of a fleet: it proves a one-time token, and gets certificate and trust.

The private key is made here and never leaves. What comes back is kept in one folder:

    device.key.pem   0600
    device.pem       the certificate and its chain
    ca.pem           whom to believe that it is the broker
    root.json        the first trusted root of TUF
    keys.json        the hub's signing keys: id -> base64
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from paho.mqtt.enums import CallbackAPIVersion

from fleet import codec, enrolment, topics
from fleet.messages import EnrolRequest, EnrolResult
from knowledge import atomic
from terminal.errors import KioskError

WAIT_S = 60.0
AGAIN_S = 5.0
ROOT, KEYS = "root.json", "keys.json"
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a kiosk has afterwards."""

    device: str
    key: bytes
    """PEM; secret."""
    certificate: str
    """PEM."""
    trust: Mapping[str, Any]

    @property
    def keys(self) -> dict[str, str]:
        """The hub's signing keys."""
        return {str(key): str(value) for key, value in self.trust["keys"].items()}

    def save(self, folder: Path) -> None:
        """Put it down; `keys.json`, written last, says that it is all there."""
        atomic.folder(folder)
        atomic.write(folder / "device.key.pem", self.key, _SECRET)
        atomic.write(folder / "device.pem", self.certificate.encode())
        atomic.write(folder / "ca.pem", str(self.trust.get("ca", "")).encode())
        root = self.trust["root"]
        text = root if isinstance(root, str) else json.dumps(root)
        atomic.write(folder / ROOT, text.encode())
        atomic.write(folder / KEYS, json.dumps(self.keys, indent=1).encode())


def is_enrolled(folder: Path) -> bool:
    """Whether `save` has come to its end there."""
    return (folder / KEYS).is_file()


def enrol(
    host: str,
    port: int,
    token: str,
    device: str,
    *,
    ca: Path | None = None,
    hardware: str = "",
    wait_s: float = WAIT_S,
) -> Enrolled:
    """Ask until the hub answers; KioskError in its words if it refuses. `ca`: for TLS."""
    _, secret = enrolment.parse(token)
    key = ec.generate_private_key(ec.SECP256R1())
    nonce = secrets.token_hex(32)
    asked = enrolment.request(token, _csr(key, device), nonce, time.time(), hardware)
    result = _Asking(host, port, asked, secret, ca).answer(wait_s)
    if result.error or not result.certificate or not result.trust:
        raise KioskError("input", f"not enrolled: {result.error or 'the answer is not whole'}")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Enrolled(device, pem, result.certificate, result.trust)


def _csr(key: ec.EllipticCurvePrivateKey, device: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
    return csr.public_bytes(Encoding.PEM).decode()


class _Asking:
    """A connection for one question."""

    def __init__(
        self, host: str, port: int, asked: EnrolRequest, secret: str, ca: Path | None
    ) -> None:
        self._where = f"{host}:{port}"
        self._asked, self._secret = asked, secret
        self._answer: EnrolResult | None = None
        self._answered = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, f"prov-{asked.token}", protocol=mqtt.MQTTv5
        )
        if ca is not None:
            self._client.tls_set(str(ca))
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect_async(host, port, 30)

    def answer(self, wait_s: float) -> EnrolResult:
        """Asked again now and then: a hub that was just started may have missed it."""
        deadline = time.monotonic() + wait_s
        self._client.loop_start()
        try:
            while not self._answered.wait(AGAIN_S):
                if time.monotonic() > deadline:
                    raise KioskError("missing", f"{self._where}: no hub answers; try again later")
                if self._client.is_connected():
                    self._ask()
        finally:
            self._client.disconnect()
            self._client.loop_stop()
        return self._answer or EnrolResult(nonce=self._asked.nonce)

    def _ask(self) -> None:
        topic = topics.enrol(self._asked.token, "req")
        self._client.publish(topic, codec.encode(self._asked), 1)

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(topics.enrol(self._asked.token, "res"), 1)

    def _on_subscribe(self, *_: Any) -> None:
        self._ask()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            result = codec.decode(EnrolResult, bytes(message.payload))
        except KioskError:
            return  # Anybody may write there.
        if enrolment.is_of_hub(result, self._secret, self._asked.nonce):
            self._answer = result
            self._answered.set()
