"""The hub's side of a real broker."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from hub import bus
from hub.bus import Broker, Listener, Message, PahoBus
from tests.servers import Mosquitto, wait_until

pytestmark = pytest.mark.broker


class Inbox:
    """Keeps what it was handed."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Message]] = []
        self.free = threading.Event()
        self.free.set()

    def __call__(self, messages: Sequence[Message]) -> None:
        self.free.wait()
        self.batches.append(messages)

    @property
    def payloads(self) -> list[bytes]:
        return [each.payload for batch in self.batches for each in batch]


@contextmanager
def on_bus(
    broker: Mosquitto, *listeners: Listener, connected: Callable[[], None] = lambda: None
) -> Iterator[PahoBus]:
    found = PahoBus(Broker(port=broker.port), connected, name="test")
    for each in listeners:
        found.listen(each)
    found.start()
    try:
        wait_until(lambda: found.connected, "the connection")
        yield found
    finally:
        found.stop()


def test_each_listener_gets_its_own_in_order(mosquitto: Mosquitto) -> None:
    a, b = Inbox(), Inbox()
    with (
        on_bus(mosquitto, Listener("a/+", a), Listener("$share/hub/b/#", b)),
        on_bus(mosquitto) as other,
    ):
        _until_heard(other, "b/1", b)
        for number in range(500):
            assert other.publish("a/1", str(number).encode())
        wait_until(lambda: len(a.payloads) == 500, "all messages")
    assert a.payloads == [str(number).encode() for number in range(500)]
    assert max(len(batch) for batch in a.batches) <= bus.MAX_AT_ONCE
    assert set(b.payloads) == {b"hello"}


def test_subscriptions_outlive_the_broker(mosquitto: Mosquitto) -> None:
    inbox, connected = Inbox(), threading.Semaphore(0)
    shared = Listener("$share/hub/a/#", inbox)
    with on_bus(mosquitto, shared, connected=connected.release) as found:
        _until_heard(found, "a/1", inbox)
        mosquitto.restart()
        wait_until(lambda: found.connected, "the connection", 60)
        inbox.batches.clear()
        _until_heard(found, "a/1", inbox)
        assert connected.acquire(timeout=1)
        assert connected.acquire(timeout=1)


def test_a_listener_that_waits_holds_the_broker_back(mosquitto: Mosquitto) -> None:
    inbox = Inbox()
    with on_bus(mosquitto, Listener("a", inbox)) as found, on_bus(mosquitto) as other:
        _until_heard(other, "a", inbox)
        inbox.batches.clear()
        inbox.free.clear()
        total = 3 * bus.RECEIVE_MAXIMUM
        for number in range(total):
            other.publish("a", b"%d" % number)
        desk = found._desks[0]
        wait_until(lambda: desk._waiting.qsize() >= bus.RECEIVE_MAXIMUM // 2, "a full queue")
        assert desk._waiting.qsize() <= bus.RECEIVE_MAXIMUM
        inbox.free.set()
        wait_until(lambda: len(inbox.payloads) == total, "all messages")


def test_what_may_be_lost_is_dropped_and_counted(mosquitto: Mosquitto) -> None:
    inbox = Inbox()
    with on_bus(mosquitto, Listener("a", inbox, 0)) as found, on_bus(mosquitto) as other:
        _until_heard(other, "a", inbox)
        inbox.free.clear()
        for _ in range(bus.MAX_WAITING + 500):
            other.publish("a", b"", qos=0)
        wait_until(lambda: found.dropped > 0, "a dropped message")
        assert found._desks[0]._waiting.qsize() <= bus.MAX_WAITING
        inbox.free.set()


def test_a_listener_that_fails_goes_on(mosquitto: Mosquitto) -> None:
    inbox = Inbox()

    def fails(messages: Sequence[Message]) -> None:
        inbox(messages)
        raise RuntimeError("out of order")

    with on_bus(mosquitto, Listener("a", fails)) as found:
        _until_heard(found, "a", inbox)
        inbox.batches.clear()
        _until_heard(found, "a", inbox)


def test_without_a_broker_messages_wait_or_are_refused(mosquitto: Mosquitto) -> None:
    inbox = Inbox()
    with on_bus(mosquitto, Listener("a", inbox)) as other, on_bus(mosquitto) as found:
        mosquitto.kill()
        wait_until(lambda: not found.connected, "the loss")
        assert not found.publish("a", b"lost", qos=0)
        assert found.publish("a", b"kept", retain=True)
        mosquitto.start()
        wait_until(lambda: b"kept" in inbox.payloads, "the message", 90)
        assert other.connected
    assert b"lost" not in inbox.payloads


def _until_heard(sender: PahoBus, topic: str, inbox: Inbox) -> None:
    """A subscription takes a moment."""

    def heard() -> bool:
        sender.publish(topic, b"hello")
        return bool(inbox.batches)

    wait_until(heard, "the subscription")
    wait_until(lambda: _quiet(inbox), "quiet")


def _quiet(inbox: Inbox) -> bool:
    before = len(inbox.payloads)
    threading.Event().wait(0.3)
    return len(inbox.payloads) == before
