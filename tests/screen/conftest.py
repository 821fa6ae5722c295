"""The browsers that the page's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.screen.stage import Stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()
