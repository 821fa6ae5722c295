"""One kiosk's connection to its broker: MQTT 5 by paho, with a client of its own each time.

paho keeps what it has not sent in a client, unbounded or silently dropped, and cannot tell which.
So a client lives as long as its connection, and what the hub has not acknowledged is sent again
from the outbox. All methods belong to one thread; what happens is posted from another.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from fleet import topics
from fleet.codec import MAX_MESSAGE_BYTES
from terminal import certificate
from terminal.certificate import Certificate

log = logging.getLogger(__name__)

KEEPALIVE_S = 30
CONNECT_S = 15.0
SESSION_S = 7 * 24 * 3600
"""The broker keeps what comes for an absent kiosk so long. Always with Clean Start off: a client
that says it once at each start of its program, as paho does by itself, loses what was queued."""
IN_FLIGHT = 64
"""Published and not yet taken by the broker; beyond it paho would queue out of our sight."""
REFUSED = 128
"""Reason codes from here on: an ACL that denies a publish is told by nothing else."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files, PEM."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect to."""

    host: str
    port: int
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """And subscribed."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Or never connected."""

    reason: str
    refused: bool = False
    """The broker was there, and would not have us."""


@dataclass(frozen=True, slots=True)
class Message:
    """From the broker, whoever sent it."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The broker has taken a publish, or refused it."""

    number: int
    """As `Link.publish` gave it."""
    code: int


LinkEvent: TypeAlias = Connected | Disconnected | Message | Taken


class Link:
    """Connects when told to, and never by itself."""

    def __init__(self, broker: Broker, device: str, post: Callable[[LinkEvent], None]) -> None:
        """`post` must take events from any thread, at once."""
        self._broker = broker
        self._device = device
        self._post = post
        self._client: mqtt.Client | None = None
        self._flying: set[int] = set()
        self._tls = broker.tls
        self._greeted = False
        self._first: int | None = None
        self.presented: Certificate | None = None
        """Our own, as the connection that there is was made with; the file may be newer."""

    def use(self, tls: Tls | None) -> None:
        """From the next connection on."""
        self._tls = tls

    def listen(self, topic: str) -> None:
        """To one topic more, while this connection lasts."""
        if self._client is not None:
            self._client.subscribe(topic, 1)

    def connect(self, will: bytes) -> None:
        """Begin to; `will` is left retained on up/state if the connection breaks."""
        self.drop()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._device,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(IN_FLIGHT)
        client.will_set(topics.up(self._device, "state"), will, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        self._client, self._greeted = client, False
        threading.Thread(target=self._run, args=(client,), name="mqtt", daemon=True).start()

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool = False,
        expires_s: int | None = None,
    ) -> int | None:
        """Hand over to paho; None where it must be tried again later."""
        client = self._client
        if client is None or not client.is_connected():
            return None
        if qos and len(self._flying) >= IN_FLIGHT:
            return None
        properties = None
        if expires_s is not None:
            properties = _properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expires_s
        info = client.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            return None
        if qos:
            self._flying.add(info.mid)
        return info.mid

    def landed(self, taken: Taken) -> None:
        """To be told of each `Taken`, so that there is room for more."""
        self._flying.discard(taken.number)

    def drop(self) -> None:
        """End the connection without a goodbye: the broker publishes the will."""
        client, self._client = self._client, None
        self.presented = None
        self._flying.clear()
        if client is None:
            return
        line = client.socket()
        if isinstance(line, socket.socket):
            # Wakes paho's thread, which then ends; `disconnect` would say goodbye.
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it with a goodbye: no will."""
        client, self._client = self._client, None
        self.presented = None
        if client is not None:
            client.disconnect()

    def _run(self, client: mqtt.Client) -> None:
        reason, there = "connection lost", False
        try:
            if tls := self._tls:
                client.user_data_set(certificate.read(tls.certificate))
                client.tls_set(str(tls.ca), str(tls.certificate), str(tls.key))
            properties = _properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = SESSION_S
            properties.MaximumPacketSize = 2 * MAX_MESSAGE_BYTES
            client.connect(
                self._broker.host,
                self._broker.port,
                keepalive=KEEPALIVE_S,
                clean_start=False,
                properties=properties,
            )
            there = True
            client.loop_forever(retry_first_connection=False)
        except (OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            there = there or isinstance(error, ssl.SSLError)
        except Exception:
            log.exception("mqtt client failed")
            reason = "internal error"
        if client is self._client:
            self.presented = None
            self._post(Disconnected(reason, refused=there and not self._greeted))

    def _on_connect(
        self, client: mqtt.Client, shown: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            log.warning("broker %s refuses: %s", self._broker.host, reason)
            client.disconnect()
            return
        # Each time: the broker may have lost the session.
        if client is self._client:
            self._greeted = True
            self.presented = shown
        _, self._first = client.subscribe([(topics.all_down(self._device), 1), (topics.HUB, 1)])

    def _on_subscribe(
        self, client: mqtt.Client, _data: Any, mid: int, reasons: Any, _properties: Any
    ) -> None:
        bad = [str(each) for each in reasons if each.is_failure]
        if bad:
            log.error("broker refuses subscriptions: %s; see its ACL", ", ".join(bad))
        if client is self._client and mid == self._first:
            self._post(Connected())

    def _on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if client is self._client:
            self._post(Message(message.topic, bytes(message.payload)))

    def _on_publish(
        self, client: mqtt.Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        if client is self._client:
            self._post(Taken(mid, reason.value))


def _properties(kind: int) -> Properties:
    made: Properties = Properties(kind)  # type: ignore[no-untyped-call]
    return made
