from __future__ import annotations

import pytest

from fleet import enrolment
from fleet.errors import KioskError
from fleet.messages import EnrolResult

NONCE = "ab" * 32


def test_both_sides_prove_that_they_know_the_secret() -> None:
    public, secret = enrolment.new_token()
    asked = enrolment.request(f" {public}.{secret}\n", "CSR", NONCE, 1.0)
    assert asked.token == public
    assert secret not in asked.model_dump_json()
    assert enrolment.proves(asked, secret)
    answer = enrolment.with_proof(EnrolResult(nonce=NONCE, certificate="PEM"), secret)
    assert enrolment.is_of_hub(answer, secret, NONCE)


def test_a_changed_request_or_answer_proves_nothing() -> None:
    public, secret = enrolment.new_token()
    _, other = enrolment.new_token()
    asked = enrolment.request(f"{public}.{secret}", "CSR", NONCE, 1.0)
    assert not enrolment.proves(asked.model_copy(update={"csr": "CSR2"}), secret)
    assert not enrolment.proves(asked, other)
    answer = enrolment.with_proof(EnrolResult(nonce=NONCE, certificate="PEM"), secret)
    assert not enrolment.is_of_hub(answer, other, NONCE)
    assert not enrolment.is_of_hub(answer, secret, "cd" * 32)
    forged = answer.model_copy(update={"certificate": "another"})
    assert not enrolment.is_of_hub(forged, secret, NONCE)


@pytest.mark.parametrize(
    "typed", ["", "abc", "abc.", ".x", "ABC.secretsecretsecretsecret", "a b.c"]
)
def test_what_is_no_token_is_told(typed: str) -> None:
    with pytest.raises(KioskError, match="copy it again, whole"):
        enrolment.parse(typed)
