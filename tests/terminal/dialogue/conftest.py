"""The sample packs, understood by the real models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge.pack import Pack
from models.base import Encoder
from terminal.dialogue.dialogue import Dialogue
from tests.terminal.dialogue.visits import Clock


@pytest.fixture(scope="session")
def clock() -> Clock:
    """What `gov` goes by."""
    return Clock()


@pytest.fixture(scope="session")
def gov(encoder: Encoder, gov_pack: Pack, clock: Clock) -> Dialogue:
    return Dialogue(gov_pack, encoder, clock)


@pytest.fixture(scope="session")
def bank(encoder: Encoder, bank_pack: Pack) -> Dialogue:
    return Dialogue(bank_pack, encoder)


@pytest.fixture(params=["gov", "bank"])
def either(request: pytest.FixtureRequest) -> Iterator[Dialogue]:
    dialogue: Dialogue = request.getfixturevalue(request.param)
    dialogue.wipe()
    yield dialogue
    dialogue.wipe()
