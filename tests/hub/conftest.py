"""A hub on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.context import Hub
from tests.hub.harness import make_hub


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
