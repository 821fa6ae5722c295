"""The network's thread of a paho client: over TLS, against peers that are real, slow or gone."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hub import ca
from hub.bus import Broker, Listener, Message, PahoBus
from hub.network import AT_ONCE, DELAYS_S, FAREWELL_S, Network
from tests.servers import Mosquitto, free_port, wait_until

pytestmark = pytest.mark.broker
CONNACK = bytes([0x20, 3, 0, 0, 0])
REFUSED = bytes([0x20, 3, 0, 0x87, 0])
DISCONNECT = 0xE0
SOON_S = 10.0


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a hub's certificates."""
    data = tmp_path_factory.mktemp("hub")
    now = time.time()
    ca.make(data, now)
    ca.issue_service(data, "broker", ["localhost", "127.0.0.1"], now)
    return data / "tls"


@pytest.fixture
def broker(tls: Path, tmp_path: Path) -> Iterator[Mosquitto]:
    """A real one that speaks TLS."""
    port = free_port()
    lines = [
        f"listener {port} 127.0.0.1",
        f"certfile {tls / 'broker.pem'}",
        f"keyfile {tls / 'broker.key.pem'}",
        "allow_anonymous true",
    ]
    found = Mosquitto(tmp_path / "broker", lines, bare=True)
    found.port = port
    found.start()
    try:
        yield found
    finally:
        found.kill()


class Peer:
    """A broker of a few lines, over TLS: it says what the test wants said, record by record."""

    def __init__(self, tls: Path, *, slow: bool = False) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(tls / "broker.pem", tls / "broker.key.pem")
        self._listens = socket.create_server(("127.0.0.1", 0))
        self._listens.settimeout(SOON_S)
        self.port = int(self._listens.getsockname()[1])
        self.called = threading.Event()
        self.go_on = threading.Event()
        if not slow:
            self.go_on.set()

    @contextmanager
    def caller(self) -> Iterator[ssl.SSLSocket]:
        """Who calls next, and has said that it wants to connect."""
        plain, _ = self._listens.accept()
        self.called.set()
        self.go_on.wait(SOON_S)
        plain.settimeout(SOON_S)
        with self._context.wrap_socket(plain, server_side=True) as found:
            assert found.recv(4096)[0] == 0x10
            yield found

    def close(self) -> None:
        self._listens.close()


@pytest.fixture
def peer(tls: Path) -> Iterator[Peer]:
    found = Peer(tls)
    yield found
    found.close()


class Caller:
    """A paho client on the network's thread."""

    def __init__(self, tls: Path, port: int) -> None:
        self.payloads: list[bytes] = []
        self.connected: list[float] = []
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, "test", protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.tls_set_context(ssl.create_default_context(cafile=str(tls / "services-ca.pem")))
        self.client.on_message = self._came
        self.client.on_connect = lambda *_: self.connected.append(time.monotonic())
        self.client.connect_async("127.0.0.1", port, 30)
        self.network = Network(self.client, lambda: len(self.payloads))
        self.network.start()

    def _came(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.payloads.append(bytes(message.payload))
        if message.payload == b"poison":
            raise ValueError("as a handler with a fault does")


@contextmanager
def calling(tls: Path, port: int) -> Iterator[Caller]:
    caller = Caller(tls, port)
    try:
        yield caller
    finally:
        caller.network.stop()


def message(payload: bytes) -> bytes:
    """QoS 0, on topic t."""
    rest = b"\0\1t\0" + payload
    assert len(rest) < 128
    return bytes([0x30, len(rest)]) + rest


def test_many_messages_in_one_record_all_come(tls: Path, peer: Peer) -> None:
    """Once the record is decrypted the socket is not readable any more: nobody calls again."""
    wanted = [b"%d" % number for number in range(3 * AT_ONCE + 1)]
    record = CONNACK + b"".join(message(each) for each in wanted)
    assert len(record) < 16_384, "it has to be one TLS record"
    with calling(tls, peer.port) as caller, peer.caller() as connection:
        connection.sendall(record)
        wait_until(lambda: len(caller.payloads) == len(wanted), "all messages", SOON_S)
        assert caller.payloads == wanted
        # And with something else than a message in between, of which there is more to read.
        connection.sendall(message(b"a") + bytes([0xD0, 0]) * 50 + message(b"b"))
        wait_until(lambda: caller.payloads[-2:] == [b"a", b"b"], "both messages", SOON_S)


def test_a_message_in_many_small_records_comes(tls: Path, peer: Peer) -> None:
    with calling(tls, peer.port) as caller, peer.caller() as connection:
        for byte in CONNACK + message(b"byte by byte"):
            connection.sendall(bytes([byte]))
        wait_until(lambda: caller.payloads == [b"byte by byte"], "the message", SOON_S)


def test_what_is_published_is_sent_at_once(tls: Path, peer: Peer) -> None:
    """Not only at the next look at keepalives: from another thread, while nothing comes."""
    with calling(tls, peer.port) as caller, peer.caller() as connection:
        connection.sendall(CONNACK)
        wait_until(lambda: caller.connected, "the connection", SOON_S)
        took = []
        for _ in range(20):
            began = time.monotonic()
            caller.client.publish("t", b"x")
            assert connection.recv(4096)[0] == 0x30
            took.append(time.monotonic() - began)
    assert sorted(took)[10] < 0.2


def test_a_peer_that_does_not_read_gets_all_when_it_does(tls: Path, peer: Peer) -> None:
    """Many times what the sockets hold; and what comes meanwhile is read."""
    large = bytes(range(256)) * 40_000
    with calling(tls, peer.port) as caller, peer.caller() as connection:
        connection.sendall(CONNACK)
        wait_until(lambda: caller.connected, "the connection", SOON_S)
        caller.client.publish("t", large)
        time.sleep(0.3)
        assert caller.client.want_write()
        connection.sendall(message(b"meanwhile"))
        wait_until(lambda: caller.payloads == [b"meanwhile"], "what came", SOON_S)
        received = bytearray()
        while len(received) < len(large) + 9:
            received += connection.recv(65_536)
        assert received.endswith(large)


def test_a_handler_that_fails_costs_one_connection(tls: Path, peer: Peer) -> None:
    with calling(tls, peer.port) as caller:
        with peer.caller() as connection:
            connection.sendall(CONNACK + message(b"poison"))
            with suppress(OSError):
                assert connection.recv(4096) == b""
        with peer.caller() as connection:
            connection.sendall(CONNACK + message(b"good"))
            wait_until(lambda: caller.payloads == [b"poison", b"good"], "the next", SOON_S)


def test_who_is_refused_waits_longer_each_time(tls: Path, peer: Peer) -> None:
    at = []
    with calling(tls, peer.port) as caller:
        for _ in range(3):
            with peer.caller() as connection:
                at.append(time.monotonic())
                connection.sendall(REFUSED)
                with suppress(OSError):
                    connection.recv(4096)
        caller.network.stop()
    assert at[1] - at[0] > 0.9
    assert at[2] - at[1] > 1.8


def test_an_end_while_it_connects_is_an_end(tls: Path) -> None:
    """The connection that was under way is not left open, with nobody who looks after it."""
    peer = Peer(tls, slow=True)
    caller = Caller(tls, peer.port)
    ends = threading.Thread(target=caller.network.stop)
    hung_up = []

    def serve() -> None:
        with peer.caller() as connection:
            try:
                connection.sendall(CONNACK)
                while connection.recv(4096):
                    pass
                hung_up.append(True)
            except TimeoutError:
                hung_up.append(False)
            except OSError:
                hung_up.append(True)

    serves = threading.Thread(target=serve)
    serves.start()
    assert peer.called.wait(SOON_S)
    began = time.monotonic()
    ends.start()
    time.sleep(0.2)
    peer.go_on.set()
    ends.join(SOON_S)
    serves.join(SOON_S)
    peer.close()
    assert time.monotonic() - began < FAREWELL_S - 1
    assert hung_up == [True]


def test_a_peer_that_takes_nothing_does_not_hold_up_the_end(tls: Path, peer: Peer) -> None:
    caller = Caller(tls, peer.port)
    with peer.caller() as connection:
        connection.sendall(CONNACK)
        wait_until(lambda: caller.connected, "the connection", SOON_S)
        caller.client.publish("t", bytes(20_000_000))
        began = time.monotonic()
        caller.network.stop()
        assert time.monotonic() - began < FAREWELL_S + 2
        wait_until(lambda: caller.client.socket() is None, "the end", SOON_S)


def test_what_waits_is_sent_before_the_end(tls: Path, peer: Peer) -> None:
    with peer_serving(peer) as heard, calling(tls, peer.port) as caller:
        wait_until(lambda: caller.connected, "the connection", SOON_S)
        for _ in range(100):
            caller.client.publish("t", b"x" * 1000)
        caller.network.stop()
    assert heard.count(b"x" * 1000) == 100
    assert heard[-2] == DISCONNECT or heard[-3] == DISCONNECT


@contextmanager
def peer_serving(peer: Peer) -> Iterator[bytearray]:
    """All that one caller says, until it hangs up."""
    heard = bytearray()

    def serve() -> None:
        with peer.caller() as connection:
            connection.sendall(CONNACK)
            while said := connection.recv(65_536):
                heard.extend(said)

    thread = threading.Thread(target=serve)
    thread.start()
    yield heard
    thread.join(SOON_S)


def test_a_broker_that_is_away_is_told_of_once_and_again_after_it_was_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    found = Mosquitto(tmp_path, [f"listener {port} 127.0.0.1", "allow_anonymous true"], bare=True)
    found.port = port
    bus = PahoBus(Broker("127.0.0.1", port), name="test")

    def told() -> list[str]:
        said = [each for each in caplog.records if "cannot be had" in each.getMessage()]
        assert all(each.levelname == "WARNING" for each in said)
        return [each.getMessage() for each in said]

    bus.start()
    try:
        wait_until(told, "the warning", SOON_S)
        time.sleep(DELAYS_S[0] + 0.3)
        (line,) = told()
        assert f"broker 127.0.0.1:{port}: cannot be had" in line
        assert "--broker" in line
        found.start()
        wait_until(lambda: bus.connected, "the connection", SOON_S)
        found.kill()
        wait_until(lambda: len(told()) == 2, "the second warning", SOON_S)
        time.sleep(DELAYS_S[0] + 0.3)
        assert len(told()) == 2
    finally:
        bus.stop()
        found.kill()


class Inbox:
    """Keeps what it was handed."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []

    def __call__(self, messages: Any) -> None:
        found: list[Message] = list(messages)
        self.payloads += [each.payload for each in found]


def test_a_real_broker_over_tls_large_many_and_killed(tls: Path, broker: Mosquitto) -> None:
    inbox = Inbox()
    where = Broker("127.0.0.1", broker.port, tls / "services-ca.pem")
    hears, says = PahoBus(where, name="hears"), PahoBus(where, name="says")
    hears.listen(Listener("t", inbox))
    for each in (hears, says):
        each.start()
    try:
        for round_ in range(2):
            wait_until(lambda: hears.connected and says.connected, "both connections")
            _until_heard(says, inbox)
            large = b"%d" % round_ * 5_000_000
            small = [b"%d-%d" % (round_, number) for number in range(2000)]
            for payload in (large, *small):
                assert says.publish("t", payload)
            wait_until(lambda: len(inbox.payloads) == 2001, "all messages")
            assert inbox.payloads == [large, *small]
            broker.restart()
            wait_until(lambda: not (hears.connected and says.connected), "the loss", SOON_S)
    finally:
        for each in (hears, says):
            each.stop()


def _until_heard(sender: PahoBus, inbox: Inbox) -> None:
    """A subscription takes a moment; then nothing of the trials is under way any more."""
    inbox.payloads.clear()
    number = 0

    def heard() -> bool:
        nonlocal number
        number += 1
        last = b"trial %d" % number
        sender.publish("t", last)
        with suppress(TimeoutError):
            wait_until(lambda: inbox.payloads[-1:] == [last], "the last trial", 0.5)
            return True
        return False

    wait_until(heard, "the subscription")
    inbox.payloads.clear()
