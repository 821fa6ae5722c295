"""A real hub in a process of its own, over the embedded broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.embedded_broker import EmbeddedBroker
from terminal.errors import KioskError
from terminal.hub_api import HubApi
from terminal.hub_process import HubProcess, init_hub, trusted_keys
from terminal.ports import answers, free_port

pytestmark = pytest.mark.broker


def test_hub_is_made_served_killed_and_served_again(tmp_path: Path) -> None:
    token = init_hub(tmp_path / "hub")
    assert len(trusted_keys(tmp_path / "hub")) == 1
    broker = EmbeddedBroker(tmp_path / "broker", free_port())
    hub = HubProcess(tmp_path / "hub", broker.port)
    try:
        hub.start()
        hub.wait()
        api = HubApi(hub.url, token)
        assert api.get("/api/1/kiosks") == {"kiosks": []}
        hub.kill()
        with pytest.raises(KioskError, match="the hub does not answer"):
            api.get("/api/1/kiosks")
        hub.restart()
        assert api.get("/api/1/kiosks") == {"kiosks": []}
        api.close()
        stranger = HubApi(hub.url, "not-a-token")
        with pytest.raises(KioskError, match="the hub refuses GET /api/1/kiosks: "):
            stranger.get("/api/1/kiosks")
        stranger.close()
    finally:
        hub.stop()
        broker.stop()
    assert not answers(hub.port)


def test_hub_is_made_once(tmp_path: Path) -> None:
    init_hub(tmp_path)
    with pytest.raises(KioskError, match=r"the hub cannot be made: .*set up already"):
        init_hub(tmp_path)


def test_hub_that_ends_is_one_line(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path / "none", free_port())
    hub.start()
    with pytest.raises(KioskError, match="the hub ended: "):
        hub.wait()
    hub.stop()
