"""A hub on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.context import Hub
from tests.hub.harness import make_hub
from tests.hub.hubs import SmallHub


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    found = make_hub(tmp_path, database_url)
    yield found
    found.database.close()


@pytest.fixture
def light_hub(tmp_path: Path) -> Iterator[Hub]:
    """On SQLite, where the kind of database does not matter."""
    found = make_hub(tmp_path, f"sqlite:///{tmp_path}/hub.db")
    yield found
    found.database.close()


@pytest.fixture
def small_hub(tmp_path: Path, database_url: str) -> Iterator[SmallHub]:
    """With all keys, and a clock that stands still."""
    made = SmallHub(tmp_path / "hub-data", database_url)
    yield made
    made.hub.database.close()
