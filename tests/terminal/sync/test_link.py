"""The link against a real Mosquitto."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from fleet import topics
from terminal.sync.link import Broker, Connected, Disconnected, Link, LinkEvent, Message, Taken
from tests.servers import Mosquitto, start_mosquitto

pytestmark = pytest.mark.broker

Kind = TypeVar("Kind", bound=LinkEvent)
STATE = topics.up("k1", "state")
DESIRED = topics.down("k1", "desired")


class Watcher:
    """The hub's ears, plainly."""

    def __init__(self, port: int, topic: str = "lk/1/d/#") -> None:
        self.seen: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        ready: queue.Queue[bool] = queue.Queue()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_message = lambda _c, _d, message: self.seen.put(message)
        self.client.on_subscribe = lambda *_: ready.put(True)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe(topic, 1)
        ready.get(timeout=10)

    def until(self, topic: str) -> mqtt.MQTTMessage:
        while (message := self.seen.get(timeout=15)).topic != topic:
            pass
        return message

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Ends:
    """A link and its inbox."""

    def __init__(self, port: int, device: str = "k1") -> None:
        self.inbox: queue.Queue[LinkEvent] = queue.Queue()
        self.link = Link(Broker("127.0.0.1", port), device, self.inbox.put)

    def until(self, kind: type[Kind], fits: Callable[[Kind], bool] = lambda _: True) -> Kind:
        while True:
            event = self.inbox.get(timeout=15)
            if isinstance(event, kind) and fits(event):
                return event


@pytest.fixture
def ends(mosquitto: Mosquitto) -> Iterator[Ends]:
    ends = Ends(mosquitto.port)
    yield ends
    ends.link.close()


@pytest.fixture
def watcher(mosquitto: Mosquitto) -> Iterator[Watcher]:
    watcher = Watcher(mosquitto.port)
    yield watcher
    watcher.close()


def test_messages_go_up_and_down(ends: Ends, watcher: Watcher) -> None:
    ends.link.connect(b"gone")
    ends.until(Connected)
    number = ends.link.publish(STATE, b"here", qos=1, retain=True, expires_s=60)
    taken = ends.until(Taken)
    assert taken == Taken(number or -1, 0)
    message = watcher.until(STATE)
    assert message.payload == b"here"
    assert message.properties is not None
    assert message.properties.json()["MessageExpiryInterval"] in (59, 60)  # type: ignore[no-untyped-call]
    watcher.client.publish(DESIRED, b"be so", qos=1)
    assert ends.until(Message) == Message(DESIRED, b"be so")


def test_queued_messages_wait_for_an_absent_kiosk(ends: Ends, watcher: Watcher) -> None:
    ends.link.connect(b"gone")
    ends.until(Connected)
    ends.link.drop()
    assert watcher.until(STATE).payload == b"gone"
    watcher.client.publish(topics.down("k1", "cmd"), b"while away", qos=1).wait_for_publish(10)
    ends.link.connect(b"gone")
    assert ends.until(Message).payload == b"while away"


def test_queued_messages_survive_the_broker_too(ends: Ends, mosquitto: Mosquitto) -> None:
    ends.link.connect(b"gone")
    ends.until(Connected)
    ends.link.drop()
    watcher = Watcher(mosquitto.port)
    watcher.client.publish(topics.down("k1", "cmd"), b"while away", qos=1).wait_for_publish(10)
    watcher.close()
    assert mosquitto.process is not None
    mosquitto.process.terminate()
    mosquitto.process.wait(10)
    mosquitto.start()
    ends.link.connect(b"gone")
    assert ends.until(Message).payload == b"while away"


def test_broker_that_dies_is_told_and_nothing_can_be_sent(ends: Ends, mosquitto: Mosquitto) -> None:
    ends.link.connect(b"gone")
    ends.until(Connected)
    mosquitto.kill()
    ends.until(Disconnected)
    assert ends.link.publish(STATE, b"here", qos=1) is None
    ends.link.connect(b"gone")
    assert "refused" in ends.until(Disconnected).reason.lower()
    mosquitto.start()
    ends.link.connect(b"gone")
    ends.until(Connected)


def test_no_more_is_given_to_paho_than_it_may_hold(ends: Ends) -> None:
    ends.link.connect(b"gone")
    ends.until(Connected)
    numbers = [ends.link.publish(STATE, b"x", qos=1) for _ in range(200)]
    assert numbers.index(None) == 64
    assert not any(numbers[64:])
    ends.link.landed(ends.until(Taken))
    assert ends.link.publish(STATE, b"x", qos=1) is not None


def test_denied_publish_is_told(tmp_path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text("pattern read lk/1/d/%c/dn/#\npattern write lk/1/d/%c/up/#\n")
    lines = ("allow_anonymous true", f"acl_file {rules}")
    with start_mosquitto(tmp_path / "broker", lines) as server:
        ends = Ends(server.port)
        ends.link.connect(b"gone")
        ends.until(Connected)
        number = ends.link.publish(topics.up("k2", "state"), b"I am another", qos=1)
        assert ends.until(Taken) == Taken(number or -1, 135)
        number = ends.link.publish(STATE, b"I am I", qos=1)
        assert ends.until(Taken).code in (0, 16)
        ends.link.close()


def test_events_of_an_old_connection_are_not_heard(ends: Ends) -> None:
    ends.link.connect(b"gone")
    ends.until(Connected)
    ends.link.drop()
    with pytest.raises(queue.Empty):
        ends.inbox.get(timeout=1)
