from __future__ import annotations

import pytest

from fleet import enrolment
from fleet.errors import KioskError
from fleet.messages import EnrolResult

NONCE = "ab" * 32
PUBLIC, SECRET, OTHER = "abc123", "s" * 32, "t" * 32


def test_both_sides_prove_that_they_know_the_secret() -> None:
    asked = enrolment.request(f" {PUBLIC}.{SECRET}\n", "CSR", NONCE, 1.0)
    assert asked.token == PUBLIC
    assert SECRET not in asked.model_dump_json()
    assert enrolment.proves(asked, SECRET)
    answer = enrolment.with_proof(EnrolResult(nonce=NONCE, certificate="PEM"), SECRET)
    assert enrolment.is_of_hub(answer, SECRET, NONCE)


def test_a_changed_request_or_answer_proves_nothing() -> None:
    asked = enrolment.request(f"{PUBLIC}.{SECRET}", "CSR", NONCE, 1.0)
    assert not enrolment.proves(asked.model_copy(update={"csr": "CSR2"}), SECRET)
    assert not enrolment.proves(asked, OTHER)
    answer = enrolment.with_proof(EnrolResult(nonce=NONCE, certificate="PEM"), SECRET)
    assert not enrolment.is_of_hub(answer, OTHER, NONCE)
    assert not enrolment.is_of_hub(answer, SECRET, "cd" * 32)
    forged = answer.model_copy(update={"certificate": "another"})
    assert not enrolment.is_of_hub(forged, SECRET, NONCE)


@pytest.mark.parametrize(
    "typed", ["", "abc", "abc.", ".x", "ABC.secretsecretsecretsecret", "a b.c"]
)
def test_what_is_no_token_is_told(typed: str) -> None:
    with pytest.raises(KioskError, match="copy it again, whole"):
        enrolment.parse(typed)
