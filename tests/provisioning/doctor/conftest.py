from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.soundserver import SoundServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """A sound server for the devices' processes, which inherit its address."""
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    kept = dict(os.environ)
    try:
        server.start()
        os.environ.update(server.environment)
        yield server
    finally:
        os.environ.clear()
        os.environ.update(kept)
        server.kill()
