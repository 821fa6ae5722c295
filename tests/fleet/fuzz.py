"""Hostile bytes against every decoder of the fleet.

`test_fuzz.py` tries some at each test run. Guided by coverage, for as long as one likes, with
atheris (pip install atheris), from the project's root:

    python -m tests.fleet.fuzz messages -max_total_time=600
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet import chunks, codec, enrolment, topics
from fleet.errors import KioskError
from fleet.messages import Acknowledged, EnrolRequest
from fleet.schema import MESSAGES
from fleet.signing import Keys, Purpose, Signer

SIGNER = Signer("k1", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
KEYS = Keys({"k1": SIGNER.public})
KINDS = tuple(MESSAGES.values())
Found = TypeVar("Found")

LATE = 4e9
"""A time by which all that the tests sign has expired."""
PURPOSES: tuple[Purpose, ...] = ("ack", "desired", "cmd", "hub")


def messages(data: bytes) -> None:
    """The first byte chooses the message; what is read must be written the same."""
    if not data:
        return
    kind = KINDS[data[0] % len(KINDS)]
    message = _refusing(partial(codec.decode, kind, data[1:]))
    if message is not None:
        assert codec.decode(kind, codec.pack(message)) == message


def envelopes(data: bytes) -> None:
    """Nothing that was not signed may come out, and nothing whose life is over."""
    for purpose in PURPOSES:
        assert _refusing(partial(KEYS.open, purpose, Acknowledged, data, LATE)) is None


def parcels(data: bytes) -> None:
    """Chunks, and parcels of every packing."""
    read = _refusing(partial(chunks.read, data))
    if read is None:
        return
    header, rest = read
    for base in (None, b"base"):
        content = _refusing(partial(chunks.unpack, header, rest, base))
        assert content is None or len(content) <= chunks.MAX_CONTENT_BYTES


def names(data: bytes) -> None:
    """Topics and tokens, and requests for a certificate."""
    text = data.decode("utf-8", "replace")
    found = topics.from_device(text)
    assert found is None or "/" not in found.device
    topics.of_chunk(text)
    topics.of_token(text)
    _refusing(partial(enrolment.parse, text))
    asked = _refusing(partial(codec.decode, EnrolRequest, data))
    assert asked is None or not enrolment.proves(asked, "secret")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "messages": messages,
    "envelopes": envelopes,
    "parcels": parcels,
    "names": names,
}


def _refusing(work: Callable[[], Found]) -> Found | None:
    """None where it was refused as it should be: in one short line."""
    try:
        return work()
    except KioskError as error:
        told = error
    assert told.code == "input"
    assert "\n" not in told.message
    assert len(told.message) < 500
    return None


def main() -> None:
    """Until atheris' own options end it."""
    import atheris

    target = TARGETS[sys.argv.pop(1)]
    atheris.instrument_all()
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
