from __future__ import annotations

from pathlib import Path

import pytest

from tests.knowledge.handmade import SmallPack


@pytest.fixture
def small(tmp_path: Path) -> SmallPack:
    """A pack that lints clean."""
    return SmallPack(tmp_path / "small")
