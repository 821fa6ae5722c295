"""Messages are acknowledged to the broker in the order in which they came, whoever is slow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hub.bus import Broker, Listener, Message, PahoBus
from terminal.embedded_broker import EmbeddedBroker
from terminal.ports import free_port
from tests.servers import wait_until
from tests.terminal.mqtt_client import Client

pytestmark = pytest.mark.broker


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of rumqttd, which ends the connection of who acknowledges out of order."""
    broker = EmbeddedBroker(tmp_path, free_port())
    yield broker.port
    broker.stop()


def test_slow_listener_beside_a_quick_one_costs_no_connection(port: int) -> None:
    connections: list[float] = []
    got: list[bytes] = []

    def slow(messages: Sequence[Message]) -> None:
        time.sleep(0.2)
        got.extend(message.payload for message in messages)

    def quick(messages: Sequence[Message]) -> None:
        got.extend(message.payload for message in messages)

    bus = PahoBus(Broker("127.0.0.1", port), lambda: connections.append(time.monotonic()))
    bus.listen(Listener("slow/#", slow))
    bus.listen(Listener("quick/#", quick))
    bus.start()
    wait_until(lambda: connections, "the bus to connect")
    time.sleep(0.5)
    sender = Client(port, "sender")
    for number in range(20):
        sender.send("slow/x", b"s%d" % number)
        sender.send("quick/x", b"q%d" % number)
        time.sleep(0.02)
    wait_until(lambda: len(got) >= 40, "all to be handled")
    time.sleep(1.0)
    assert len(connections) == 1
    assert len(got) == 40
    bus.stop()
    sender.stop()


def test_groups_of_other_names_do_not_take_from_each_other(port: int) -> None:
    """rumqttd knows a group by its name alone: two filters need two names."""
    events, gets = Client(port, "a", "$share/hub/ev/#"), Client(port, "b", "$share/hub-get/get/#")
    sender = Client(port, "sender")
    for _ in range(20):
        sender.send("ev/x", b"")
        sender.send("get/x", b"")
    wait_until(lambda: len(events.got) == 20 and len(gets.got) == 20, "each to get its own")
    for client in (events, gets, sender):
        client.stop()
