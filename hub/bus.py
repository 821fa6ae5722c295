"""The hub's side of the broker: publish from anywhere, and hand what comes in to who listens.

Each listener has a thread of its own and gets what waits for it as a list, so that it can do the
work of many messages in one transaction. A message counts as received by the broker (QoS 1) when
its listener is done with it; then more may come, so no queue grows without bounds.
"""

from __future__ import annotations

import itertools
import logging
import queue
import secrets
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.network import Network

LOG = logging.getLogger(__name__)
KEEPALIVE_S = 30
MAX_WAITING = 2000
"""Messages that one listener may have waiting; QoS 0 ones beyond are dropped and counted."""
RECEIVE_MAXIMUM = 1000
"""QoS 1 messages that the broker may have under way to one client."""
MAX_AT_ONCE = 200
"""Messages handed over together: commits of 200 are eight times as fast as of one."""
MAX_UNSENT = 20_000
"""QoS 1 messages kept while the broker is away; more are refused."""


class Message(NamedTuple):
    """What came in."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and how to be let in."""

    host: str = "127.0.0.1"
    port: int = 1883
    ca: Path | None = None
    """PEM file; with it TLS is spoken."""
    certificate: Path | None = None
    key: Path | None = None

    @property
    def secure(self) -> bool:
        """Whether it is TLS, so that devices are who they say."""
        return self.ca is not None


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants what comes in on the topics of `filter`."""

    filter: str
    handle: Callable[[Sequence[Message]], None]
    """On a thread of its own. What it raises is logged, and the messages are lost."""
    qos: int = 1


class Bus(Protocol):
    """To publish. Safe from every thread; never waits for the network."""

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        ...

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expiry_s: int | None = None,
    ) -> bool:
        """Hand over to be sent, in order. False: it cannot be; whoever cares says it again."""
        ...


class PahoBus:
    """On paho-mqtt.

    The session is clean, and every connection subscribes anew: Mosquitto 2.0.11 loses shared
    subscriptions of kept sessions when it restarts.
    """

    def __init__(
        self, broker: Broker, on_connected: Callable[[], None] = lambda: None, name: str = "hub"
    ) -> None:
        """`on_connected` is called on the network's thread after each connection: be quick."""
        self._broker = broker
        self._on_connected = on_connected
        self._desks: list[_Desk] = []
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{name}-{secrets.token_hex(6)}",
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        self._received = _Received(lambda mid: self._client.ack(mid, 1))
        place = f"{broker.host}:{broker.port}"
        self._network = Network(self._client, lambda: self._received.count, place)
        self._client.max_queued_messages_set(MAX_UNSENT)
        self._client.on_connect = self._connect
        self._client.on_disconnect = self._disconnect
        if broker.ca is not None:
            self._client.tls_set_context(_tls(broker))

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return bool(self._client.is_connected())

    @property
    def dropped(self) -> int:
        """QoS 0 messages for which there was no room."""
        return sum(desk.dropped for desk in self._desks)

    def listen(self, listener: Listener) -> None:
        """Before `start`; one listener a filter."""
        desk = _Desk(listener, self._received)
        self._desks.append(desk)
        if len(self._desks) == 1:
            self._client.on_message = desk.take
            return
        # One after another is asked whether the message is for it: nothing for a worker's rate.
        self._client.on_message = self._stray
        for each in self._desks:
            self._client.message_callback_add(unshared(each.listener.filter), each.take)

    def start(self) -> None:
        """Connect, and keep on trying."""
        for desk in self._desks:
            desk.start()
        asked = _properties(PacketTypes.CONNECT)
        asked.ReceiveMaximum = RECEIVE_MAXIMUM
        asked.SessionExpiryInterval = 0
        self._client.connect_async(
            self._broker.host, self._broker.port, KEEPALIVE_S, clean_start=True, properties=asked
        )
        self._network.start()

    def stop(self) -> None:
        """Send what waits, then leave; listeners finish what they have begun."""
        for desk in self._desks:
            desk.stop()
        self._network.stop()

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expiry_s: int | None = None,
    ) -> bool:
        """See `Bus`."""
        told = self._client.publish(topic, payload, qos, retain, _expiring(expiry_s))
        waits = qos > 0 and told.rc == MQTTErrorCode.MQTT_ERR_NO_CONN
        return waits or told.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def _connect(self, client: mqtt.Client, *told: Any) -> None:
        reason: ReasonCode = told[2]
        if reason.is_failure:
            LOG.error("broker %s:%d: %s", self._broker.host, self._broker.port, reason)
            return
        LOG.info("broker %s:%d: connected", self._broker.host, self._broker.port)
        self._received.forget()
        for desk in self._desks:
            options = SubscribeOptions(qos=desk.listener.qos)
            client.subscribe(desk.listener.filter, options=options)
        self._on_connected()

    def _disconnect(self, _client: mqtt.Client, *told: Any) -> None:
        LOG.warning("broker: connection lost (%s)", told[2])

    def _stray(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        LOG.warning("nobody listens on %s", message.topic)
        self._received.came(message)
        self._received.done([message.mid])


class _Received:
    """QoS 1 messages of one connection, to be acknowledged in the order in which they came.

    MQTT 5 says so (4.6), and rumqttd ends the connection of who does not; listeners are done with
    them in any order.
    """

    def __init__(self, acknowledge: Callable[[int], object]) -> None:
        self.count = 0
        """Messages that came, ever."""
        self._acknowledge = acknowledge
        self._is_done: dict[int, bool] = {}
        self._lock = threading.Lock()

    def came(self, message: mqtt.MQTTMessage) -> None:
        """On the network's thread."""
        self.count += 1
        if message.qos:
            with self._lock:
                self._is_done[message.mid] = False

    def done(self, mids: Sequence[int]) -> None:
        """From any thread. What came over an earlier connection is nobody's business any more."""
        with self._lock:
            for mid in mids:
                if mid in self._is_done:
                    self._is_done[mid] = True
            for mid in list(itertools.takewhile(self._is_done.__getitem__, self._is_done)):
                del self._is_done[mid]
                self._acknowledge(mid)

    def forget(self) -> None:
        """A new connection."""
        with self._lock:
            self._is_done.clear()


class _Desk:
    """A listener's queue and thread."""

    def __init__(self, listener: Listener, received: _Received) -> None:
        self.listener = listener
        self.dropped = 0
        self._received = received
        self._waiting: queue.Queue[tuple[Message, int, int] | None] = queue.Queue()
        name = f"listens on {listener.filter}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to hand over."""
        self._thread.start()

    def stop(self) -> None:
        """When what is under way is done."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(10)

    def take(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        """On the network's thread."""
        self._received.came(message)
        if message.qos == 0 and self._waiting.qsize() >= MAX_WAITING:
            self.dropped += 1
            return
        self._waiting.put(
            (Message(message.topic, bytes(message.payload)), message.mid, message.qos)
        )

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, more = [first], True
            while more and len(batch) < MAX_AT_ONCE:
                more = self._further(batch)
            self._hand_over([message for message, _, _ in batch])
            self._received.done([mid for _, mid, qos in batch if qos])

    def _further(self, batch: list[tuple[Message, int, int]]) -> bool:
        """Whether there was more without waiting."""
        try:
            found = self._waiting.get_nowait()
        except queue.Empty:
            return False
        if found is None:
            self._waiting.put(None)
            return False
        batch.append(found)
        return True

    def _hand_over(self, batch: list[Message]) -> None:
        try:
            self.listener.handle(batch)
        except Exception:
            LOG.exception("%d messages on %s are lost", len(batch), self.listener.filter)


def unshared(topic_filter: str) -> str:
    """What the topics of a shared subscription look like: without $share/GROUP/."""
    if not topic_filter.startswith("$share/"):
        return topic_filter
    return topic_filter.split("/", 2)[2]


@lru_cache(maxsize=64)
def _expiring(expiry_s: int | None) -> Properties | None:
    """Made once: making them takes longer than all the rest of a publish."""
    if expiry_s is None:
        return None
    found = _Packed(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    found.MessageExpiryInterval = expiry_s
    return found


class _Packed(Properties):
    """Becomes bytes once, not at every publish."""

    @cache  # noqa: B019 - as many as `_expiring` keeps
    def pack(self) -> bytes:
        """As paho asks."""
        return bytes(super().pack())  # type: ignore[no-untyped-call]


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


def _tls(broker: Broker) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(broker.ca))
    if broker.certificate is not None:
        context.load_cert_chain(broker.certificate, broker.key)
    return context
