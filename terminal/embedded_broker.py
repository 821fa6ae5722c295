"""The MQTT 5 broker of `kiosk demo`: rumqttd (`iotcore`) in a process of its own, on loopback.

rumqttd has no call to stop it, and keeps all it knows in memory: retained messages and queued
sessions end with it. Kiosks and hub announce themselves again at every connection, and what was
not acknowledged is sent again, so that nothing is lost by it.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

from fleet.codec import MAX_MESSAGE_BYTES
from terminal.children import Child
from terminal.errors import KioskError
from terminal.ports import LOOPBACK, answers, is_free

_START_S = 20.0
_POLL_S = 0.05
_HEADROOM_BYTES = 1024
"""rumqttd counts topic and properties too."""

_CONFIG = """\
id = 0

[router]
id = 0
max_connections = {kiosks}
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 10

[v5.1]
name = "loopback"
listen = "{host}:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 10000
max_payload_size = {payload}
max_inflight_count = 100
dynamic_filters = true
"""


class EmbeddedBroker:
    """Runs until `stop`, or until this program ends."""

    def __init__(self, folder: Path, port: int, kiosks: int = 10_010) -> None:
        """Start it, and wait until it answers; KioskError in one line if it does not.

        `folder`: of its settings and log.
        """
        self.port = port
        self._kiosks = kiosks
        self._folder = folder
        self.child = self._start()

    def kill(self) -> None:
        """As a power cut would."""
        self.child.kill()

    def restart(self) -> None:
        """After `kill` or `stop`; with nothing of what it knew."""
        self.child = self._start()

    def stop(self) -> None:
        """End it."""
        self.child.stop()

    def _start(self) -> Child:
        _need_library()
        if not is_free(self.port):
            raise KioskError("input", f"port {self.port} is taken; name another for the broker")
        config = self._folder / "broker.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        payload = MAX_MESSAGE_BYTES + _HEADROOM_BYTES
        config.write_text(
            _CONFIG.format(kiosks=self._kiosks, host=LOOPBACK, port=self.port, payload=payload)
        )
        command = [sys.executable, "-m", "terminal.embedded_broker", str(config)]
        child = Child("the embedded broker", command, self._folder / "broker.log")
        deadline = time.monotonic() + _START_S
        while not answers(self.port):
            child.check()
            if time.monotonic() > deadline:
                child.kill()
                raise KioskError("missing", f"the embedded broker does not answer: see {child.log}")
            time.sleep(_POLL_S)
        return child


def _need_library() -> None:
    try:
        import iotcore  # noqa: F401 - is it there?
    except ImportError as error:
        raise KioskError(
            "missing", "the embedded broker is not installed: pip install 'lobby-kiosk[hub]'"
        ) from error


def main() -> None:
    """The process: `python -m terminal.embedded_broker CONFIG`."""
    from iotcore import IotCoreBroker

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # rumqttd routes inside error_span!s: each packet would be a line of level ERROR.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    IotCoreBroker(config_path=sys.argv[1]).run_forever()


if __name__ == "__main__":
    main()
