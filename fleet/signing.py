"""Downward messages are signed: Ed25519 over the exact bytes, their purpose, and their life.

A broker, or whoever got into one, can then hold messages back, and do nothing else with them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import BaseModel, StringConstraints

from fleet import codec
from fleet.errors import KioskError
from fleet.fields import Body, Name, Seconds

Message = TypeVar("Message", bound=BaseModel)
Purpose = Literal["ack", "desired", "cmd", "hub"]
"""So that a message of one topic is nothing on another."""
CLOCK_SLACK_S = 300.0
"""How far the clocks of hub and kiosk may differ."""


class Signed(Body):
    """A message in its envelope."""

    purpose: Purpose
    key: Name
    """Id of the signer's key."""
    issued: Seconds
    expires: Seconds | None = None
    body: Annotated[str, StringConstraints(max_length=codec.MAX_MESSAGE_BYTES)]
    """The message as JSON: these very characters are signed."""
    signature: Annotated[str, StringConstraints(max_length=100)]
    """Base64."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Holds the hub's private key."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(
        self, purpose: Purpose, message: BaseModel, now: float, lives_s: float | None = None
    ) -> bytes:
        """The envelope's bytes; it is worth nothing `lives_s` after `now`."""
        body = codec.encode(message).decode()
        issued = round(now, 3)
        expires = None if lives_s is None else round(now + lives_s, 3)
        signature = self.private.sign(_signed_bytes(purpose, self.key_id, issued, expires, body))
        # Not validated: an acknowledgement is signed for every message of a kiosk.
        envelope = Signed.model_construct(
            purpose=purpose,
            key=self.key_id,
            issued=issued,
            expires=expires,
            body=body,
            signature=base64.b64encode(signature).decode(),
        )
        return codec.pack(envelope)

    @property
    def public(self) -> str:
        """Base64 of the public key, as a kiosk keeps it."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()


class Keys:
    """The hub's public keys that a kiosk trusts, by id."""

    def __init__(self, trusted: Mapping[str, str]) -> None:
        """`trusted`: id -> base64. KioskError for what is no key."""
        self._keys = {key: _public(key, value) for key, value in trusted.items()}

    def open(
        self, purpose: Purpose, kind: type[Message], payload: bytes, now: float | None
    ) -> Message:
        """The message; KioskError("input") if it is not the hub's or not of this purpose.

        With `now`, also if its life is over.
        """
        envelope = codec.decode(Signed, payload)
        if envelope.purpose != purpose:
            raise KioskError("input", f"signed as {envelope.purpose}, not as {purpose}")
        key = self._keys.get(envelope.key)
        if key is None:
            raise KioskError("input", f"signed by unknown key {envelope.key}")
        signed = _signed_bytes(
            purpose, envelope.key, envelope.issued, envelope.expires, envelope.body
        )
        try:
            key.verify(base64.b64decode(envelope.signature, validate=True), signed)
        except (InvalidSignature, binascii.Error) as error:
            raise KioskError("input", "signature does not fit") from error
        _check_life(envelope, now)
        return codec.decode(kind, envelope.body.encode())


def _check_life(envelope: Signed, now: float | None) -> None:
    if now is None:
        return
    if envelope.expires is not None and now > envelope.expires + CLOCK_SLACK_S:
        raise KioskError("input", f"expired {now - envelope.expires:,.0f} s ago")
    if envelope.expires is not None and envelope.issued > now + CLOCK_SLACK_S:
        raise KioskError("input", "signed in the future: this machine's clock is slow")


def _signed_bytes(purpose: str, key: str, issued: float, expires: float | None, body: str) -> bytes:
    life = f"{issued:.3f} {'' if expires is None else f'{expires:.3f}'}"
    return f"lobby-kiosk 1\n{purpose}\n{key}\n{life}\n{body}".encode()


def _public(key_id: str, value: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(value, validate=True))
    except (ValueError, binascii.Error) as error:
        raise KioskError("input", f"trusted key {key_id}: no Ed25519 public key") from error
