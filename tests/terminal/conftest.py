"""What several tests of the kiosk share: sample packs, and a dialogue that needs no model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge import pack as packs
from knowledge.pack import Pack
from terminal.dialogue.dialogue import Dialogue
from tests.fakes import FakeEncoder


@pytest.fixture(scope="session")
def gov_pack() -> Pack:
    return packs.load(packs.find("gov-hall"))


@pytest.fixture(scope="session")
def bank_pack() -> Pack:
    return packs.load(packs.find("bank-hall"))


@pytest.fixture(scope="session")
def shared_light_dialogue(gov_pack: Pack) -> Dialogue:
    return Dialogue(gov_pack, FakeEncoder())


@pytest.fixture
def light_dialogue(shared_light_dialogue: Dialogue) -> Iterator[Dialogue]:
    """The pack gov-hall without the real encoder: understands its own questions to the letter."""
    shared_light_dialogue.wipe()
    yield shared_light_dialogue
    shared_light_dialogue.wipe()
