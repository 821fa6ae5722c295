"""A renewal that is cut off at each of its steps: a new program begins with what is on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet import codec, enrolment
from fleet.messages import Command, EnrolRequest, EnrolResult
from terminal.renewing import AGAIN_S, FILE, LIVES_S, Renewing
from terminal.trust import Trust

NOW = 1_795_000_000.0
SECRET = "s" * 32
OLD = {"device.key.pem": b"old", "device.pem": b"old", "ca.pem": b"CA", "keys.json": b"{}"}
TRUST = {"root": {}, "keys": {"hub-1": "AAAA"}, "ca": ""}


def order(**args: object) -> Command:
    given = {"token": f"abc123.{SECRET}"} | args
    body = {"device": "hall-1", "id": "c-1", "kind": "renew", "by": "wang", "args": given}
    return Command.model_validate(body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Trust(tmp_path / "trust").install(OLD)
    return tmp_path / "trust"


def begun(folder: Path) -> Renewing:
    return Renewing(folder, "hall-1")


def answered(renewing: Renewing, error: str | None = None) -> bytes:
    question = renewing.question(AGAIN_S, NOW)
    assert question is not None
    asked = codec.decode(EnrolRequest, question[2])
    result = EnrolResult(nonce=asked.nonce, error=error)
    if error is None:
        result = EnrolResult(nonce=asked.nonce, certificate="NEW", trust=TRUST)
    return codec.encode(enrolment.with_proof(result, SECRET))


def test_it_is_gone_on_with_after_a_cut_at_each_step(folder: Path) -> None:
    begun(folder).begin(order(), NOW)
    assert json.loads((folder / FILE).read_text())["command"]["args"] == {}
    asking = begun(folder)
    assert asking.command == "c-1"
    assert asking.resumed() is None
    assert asking.take(answered(asking)) is True
    trying = begun(folder)
    assert trying.resumed() is None
    assert trying.overdue(NOW + LIVES_S + 1) is None
    assert Trust(folder).read()["device.pem"] == b"old"
    told = trying.connected()
    assert told is not None
    assert (told.command.id, told.status) == ("c-1", "done")
    # The cut: accepted, and nobody has been told.
    again = begun(folder)
    told = again.resumed()
    assert told is not None
    assert (told.command.id, told.status, told.detail) == ("c-1", "done", "")
    again.forget()
    assert Trust(folder).read()["device.pem"] == b"NEW"
    assert not (folder / FILE).exists()
    last = begun(folder)
    assert last.resumed() is None
    assert last.command is None


def test_a_certificate_that_was_given_up_is_not_told_as_done(folder: Path) -> None:
    renewing = begun(folder)
    renewing.begin(order(), NOW)
    assert renewing.take(answered(renewing)) is True
    assert renewing.lost(refused=False) is None
    results = [renewing.lost(refused=True) for _ in range(3)]
    assert results[:2] == [None, None]
    assert results[2] is not None
    assert results[2].status == "failed"
    # Cut off before that could be told: it is asked again, with the very same request.
    again = begun(folder)
    assert again.resumed() is None
    assert again.question(AGAIN_S, NOW) is not None
    assert Trust(folder).read() == OLD


def test_what_the_hub_refuses_ends_it(folder: Path) -> None:
    renewing = begun(folder)
    renewing.begin(order(), NOW)
    told = renewing.take(answered(renewing, "令牌已过期"))
    assert not isinstance(told, bool)
    assert (told.status, told.detail) == ("failed", "登记被拒绝：令牌已过期")
    assert Trust(folder).read() == OLD


def test_an_order_that_nobody_answers_ends_too(folder: Path) -> None:
    renewing = begun(folder)
    renewing.begin(order(), NOW)
    assert renewing.overdue(NOW + LIVES_S - 1) is None
    told = begun(folder).overdue(NOW + LIVES_S)
    assert told is not None
    assert told.status == "failed"
