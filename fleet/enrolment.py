"""One-time tokens: a kiosk without a certificate and the hub prove themselves to each other.

A token is `PUBLIC.SECRET`. The secret itself never travels: both sides send an HMAC by it.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from fleet import codec
from fleet.errors import KioskError
from fleet.messages import EnrolRequest, EnrolResult, Place

_TOKEN = re.compile(r"([a-z0-9]{1,40})\.([A-Za-z0-9_-]{20,100})")


def parse(token: str) -> tuple[str, str]:
    """Public part and secret of what was typed in; KioskError("input") tells the technician."""
    found = _TOKEN.fullmatch(token.strip())
    if found is None:
        raise KioskError("input", "token: not of the form abc123.SECRET; copy it again, whole")
    return found[1], found[2]


def request(
    token: str, csr: str, nonce: str, now: float, hardware: str = "", place: Place | None = None
) -> EnrolRequest:
    """With the proof that the sender knows the token's secret."""
    public, secret = parse(token)
    return EnrolRequest(
        token=public,
        csr=csr,
        nonce=nonce,
        at=now,
        proof=_mac(secret, "request", csr, nonce),
        hardware=hardware,
        place=place,
        place_proof=_place_mac(secret, nonce, place) if place else None,
    )


def place_of(asked: EnrolRequest, secret: str) -> Place:
    """As the sender said it; nothing if anybody else may have."""
    if asked.place is None or asked.place_proof is None:
        return Place()
    fits = hmac.compare_digest(asked.place_proof, _place_mac(secret, asked.nonce, asked.place))
    return asked.place if fits else Place()


def proves(asked: EnrolRequest, secret: str) -> bool:
    """Whether the sender knew the secret."""
    return hmac.compare_digest(asked.proof, _mac(secret, "request", asked.csr, asked.nonce))


def with_proof(result: EnrolResult, secret: str) -> EnrolResult:
    """Ready to be sent."""
    return result.model_copy(update={"proof": _result_mac(result, secret)})


def is_of_hub(result: EnrolResult, secret: str, nonce: str) -> bool:
    """Whether it is the answer to the request with `nonce`, by somebody who knows the secret."""
    fits = hmac.compare_digest(result.proof, _result_mac(result, secret))
    return fits and hmac.compare_digest(result.nonce, nonce)


def _result_mac(result: EnrolResult, secret: str) -> str:
    bare = result.model_copy(update={"proof": "0" * 64})
    return _mac(secret, "result", codec.encode(bare).decode())


def _place_mac(secret: str, nonce: str, place: Place) -> str:
    return _mac(secret, "place", nonce, place.hall, place.site, place.region, place.window)


def _mac(secret: str, *parts: str) -> str:
    """Lengths are part of it, so that no two lists of parts read alike."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
