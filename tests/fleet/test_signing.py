from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from fleet import codec
from fleet.errors import KioskError
from fleet.messages import Command, Desired
from fleet.signing import CLOCK_SLACK_S, Keys, Signed, Signer

NOW = 1_700_000_000.0
SIGNER = Signer("k1", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
OTHER = Signer("k1", Ed25519PrivateKey.from_private_bytes(b"\2" * 32))
KEYS = Keys({"k1": SIGNER.public})
SAY = Command(device="hall-1", id="c1", kind="say", args={"text": "请到二号窗口"}, by="wang")
PAYLOAD = SIGNER.sign("cmd", SAY, NOW, lives_s=60)


def test_what_the_hub_signed_is_taken() -> None:
    assert KEYS.open("cmd", Command, PAYLOAD, NOW + 60) == SAY


def test_another_key_under_the_same_id_is_refused() -> None:
    with pytest.raises(KioskError, match="signature does not fit"):
        KEYS.open("cmd", Command, OTHER.sign("cmd", SAY, NOW), NOW)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(KioskError, match="unknown key k1"):
        Keys({}).open("cmd", Command, PAYLOAD, NOW)


def test_a_message_of_another_topic_is_refused() -> None:
    desired = SIGNER.sign("desired", Desired(device="hall-1", version=3), NOW)
    with pytest.raises(KioskError, match="signed as desired, not as cmd"):
        KEYS.open("cmd", Command, desired, NOW)


def test_life_ends_and_clocks_may_differ_a_little() -> None:
    assert KEYS.open("cmd", Command, PAYLOAD, NOW + 60 + CLOCK_SLACK_S) == SAY
    with pytest.raises(KioskError, match="expired"):
        KEYS.open("cmd", Command, PAYLOAD, NOW + 61 + CLOCK_SLACK_S)
    with pytest.raises(KioskError, match="in the future"):
        KEYS.open("cmd", Command, PAYLOAD, NOW - 1 - CLOCK_SLACK_S)


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "ack"},
        {"key": "k2"},
        {"issued": NOW + 1},
        {"expires": NOW + 1e6},
        {"expires": None},
        {"body": codec.encode(SAY.model_copy(update={"kind": "reload"})).decode()},
        {"signature": "AAAA"},
        {"signature": "no base64"},
    ],
)
def test_nothing_in_the_envelope_can_be_changed(change: dict[str, object]) -> None:
    envelope = codec.decode(Signed, PAYLOAD).model_dump() | change
    forged = json.dumps({key: value for key, value in envelope.items() if value is not None})
    with pytest.raises(KioskError):
        KEYS.open("cmd", Command, forged.encode(), NOW)


def test_what_is_no_key_is_told_by_its_id() -> None:
    with pytest.raises(KioskError, match="trusted key k9: no Ed25519 public key"):
        Keys({"k9": "AAAA"})


@given(st.floats(0, 4e9), st.floats(0, 1e6))
def test_times_survive_being_written(now: float, lives_s: float) -> None:
    payload = SIGNER.sign("cmd", SAY, now, lives_s)
    assert KEYS.open("cmd", Command, payload, None) == SAY
