"""A paho client for tests: what it was told, in lists."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

WAIT_S = 10.0


class Client:
    """Connected when it is made."""

    def __init__(
        self,
        port: int,
        name: str,
        *filters: str,
        session_s: int = 0,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        """`session_s`: kept by the broker for so long, and gone on with."""
        self.got: list[MQTTMessage] = []
        self.session_present = False
        self.lost = threading.Event()
        self._connected = threading.Event()
        self._subscribed = threading.Event()
        self.paho = Paho(
            CallbackAPIVersion.VERSION2,
            name,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        self.paho.on_connect = self._on_connect
        self.paho.on_message = lambda _client, _data, message: self.got.append(message)
        self.paho.on_disconnect = lambda *_: self.lost.set()
        self.paho.on_subscribe = lambda *_: self._subscribed.set()
        if will:
            self.paho.will_set(*will, qos=1, retain=True)
        connect = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        connect.SessionExpiryInterval = session_s
        self.paho.connect("127.0.0.1", port, 30, clean_start=not session_s, properties=connect)
        self.paho.loop_start()
        assert self._connected.wait(WAIT_S)
        for each in filters:
            self.paho.subscribe(each, 1)
            assert self._subscribed.wait(WAIT_S)

    @property
    def payloads(self) -> list[bytes]:
        return [bytes(message.payload) for message in self.got]

    def send(
        self, topic: str, payload: bytes, *, retain: bool = False, lives_s: int | None = None
    ) -> None:
        """At least once; waits for the broker's word."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if lives_s is not None:
            properties.MessageExpiryInterval = lives_s
        self.paho.publish(topic, payload, 1, retain, properties).wait_for_publish(WAIT_S)

    def stop(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()

    def cut(self) -> None:
        """The line is cut: no goodbye, and no coming back."""
        self.paho.on_disconnect = None
        socket: Any = self.paho.socket()
        self.paho.loop_stop()
        socket.close()

    def _on_connect(self, _client: Any, _data: Any, flags: Any, *_: Any) -> None:
        self.session_present = flags.session_present
        self._connected.set()


def until(true: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    """Wait for it, or fail."""
    deadline = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
