"""The canceller that PipeWire has from its start, as field staff install it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware import system_echo
from tests.pipewire import PipeWire

pytestmark = pytest.mark.sound


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeWire]:
    server = PipeWire(tmp_path)
    try:
        server.start()
        for name in ("XDG_RUNTIME_DIR", "HOME"):
            monkeypatch.setenv(name, server.environment[name])
        monkeypatch.delenv("PULSE_SERVER", raising=False)
        yield server
    finally:
        server.stop()


def test_it_sits_between_the_devices_and_is_the_only_one(server: PipeWire) -> None:
    system_echo.set_up()
    modules = server.said("pactl", "list", "short", "modules")
    assert modules.count("libpipewire-module-echo-cancel") == 1
    assert "module-echo-cancel\taec_method" not in modules
    sources = server.said("pactl", "list", "short", "sources")
    assert sources.count(f"\t{system_echo.SOURCE}\t") == 1
    links = server.said("pw-link", "-l")
    assert "ear:capture_MONO\n  |-> kiosk_capture" in links
    assert "kiosk_playback:output_FL\n  |-> hall:playback_FL" in links
    # Its own nodes are nobody's default, or it would hear itself.
    assert "Default Sink: hall\nDefault Source: ear" in server.said("pactl", "info")
