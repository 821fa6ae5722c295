"""What the fleet protocol needs of a broker, asked of the embedded one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.codec import MAX_MESSAGE_BYTES
from terminal.embedded_broker import EmbeddedBroker
from terminal.errors import KioskError
from terminal.ports import answers, free_port
from tests.terminal.mqtt_client import Client, until

pytestmark = pytest.mark.broker

NOTHING_S = 0.5
"""Time in which what must not come would have come."""

Connect = Callable[..., Client]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    running = EmbeddedBroker(tmp_path_factory.mktemp("broker"), free_port())
    yield running
    running.stop()


@pytest.fixture
def connect(broker: EmbeddedBroker) -> Iterator[Connect]:
    clients: list[Client] = []

    def make(name: str, *filters: str, **more: object) -> Client:
        clients.append(Client(broker.port, name, *filters, **more))  # type: ignore[arg-type]
        return clients[-1]

    yield make
    for client in clients:
        client.stop()


def test_retained_is_told_to_who_comes_later_and_can_be_taken_back(connect: Connect) -> None:
    sender = connect("a")
    sender.send("kept/x", b"1", retain=True)
    sender.send("kept/x", b"2", retain=True)
    late = connect("b", "kept/#")
    until(lambda: late.payloads == [b"2"])
    assert late.got[0].retain
    sender.send("kept/x", b"", retain=True)
    later = connect("c", "kept/#")
    time.sleep(NOTHING_S)
    assert later.payloads == []


def test_will_is_published_and_retained_when_the_line_is_cut(connect: Connect) -> None:
    watcher = connect("a", "will/#")
    connect("w", will=("will/w", b"gone")).cut()
    until(lambda: watcher.payloads == [b"gone"])
    late = connect("b", "will/#")
    until(lambda: late.payloads == [b"gone"])


def test_goodbye_publishes_no_will(connect: Connect) -> None:
    watcher = connect("a", "polite/#")
    connect("w", will=("polite/w", b"gone")).stop()
    time.sleep(NOTHING_S)
    assert watcher.payloads == []


@pytest.mark.parametrize("leave", [Client.stop, Client.cut])
def test_session_is_queued_for_who_is_away(
    connect: Connect, leave: Callable[[Client], None]
) -> None:
    sender = connect("a")
    name = f"q{leave.__name__}"
    leave(connect(name, f"{name}/#", session_s=3600))
    for number in range(300):
        sender.send(f"{name}/x", b"%d" % number)
    back = connect(name, session_s=3600)
    assert back.session_present
    until(lambda: len(back.got) >= 300)
    assert back.payloads == [b"%d" % number for number in range(300)]
    leave(back)
    again = connect(name, session_s=3600)
    time.sleep(NOTHING_S)
    assert again.payloads == []


def test_shared_subscription_gives_each_message_to_one(connect: Connect) -> None:
    sender = connect("a")
    one, two = (connect(name, "$share/hub/shared/#") for name in "bc")
    everything = connect("d", "shared/#")
    for number in range(100):
        sender.send(f"shared/{number % 7}", b"%d" % number)
    until(lambda: len(everything.got) == 100 and len(one.got) + len(two.got) == 100)
    assert set(one.payloads) | set(two.payloads) == set(everything.payloads)
    assert one.got
    assert two.got


def test_shared_subscription_goes_on_with_who_is_left(connect: Connect) -> None:
    sender = connect("a")
    one, two = (connect(name, "$share/hub/left/#") for name in "bc")
    one.stop()
    time.sleep(NOTHING_S)
    for number in range(50):
        sender.send("left/x", b"%d" % number)
    until(lambda: len(two.got) == 50)


def test_what_has_expired_is_not_delivered(connect: Connect) -> None:
    sender = connect("a")
    connect("q", "old/#", session_s=3600).stop()
    sender.send("old/queued", b"1", lives_s=1)
    sender.send("old/kept", b"1", retain=True, lives_s=1)
    sender.send("old/fresh", b"1", lives_s=60)
    time.sleep(2)
    back = connect("q", session_s=3600)
    late = connect("b", "old/kept")
    until(lambda: len(back.got) == 1)
    time.sleep(NOTHING_S)
    assert back.got[0].topic == "old/fresh"
    assert late.got == []


def test_largest_message_passes_and_a_larger_one_cuts_its_sender(connect: Connect) -> None:
    reader = connect("b", "large/#")
    sender = connect("a")
    sender.send("large/x", b"x" * MAX_MESSAGE_BYTES)
    until(lambda: len(reader.got) == 1)
    assert len(reader.payloads[0]) == MAX_MESSAGE_BYTES
    sender.paho.publish("large/x", b"x" * (MAX_MESSAGE_BYTES + 4096), 1)
    assert sender.lost.wait(5)
    time.sleep(NOTHING_S)
    assert len(reader.got) == 1


def test_second_client_of_a_name_puts_the_first_out(connect: Connect) -> None:
    first = connect("same")
    connect("same")
    assert first.lost.wait(5)


def test_taken_port_is_one_line(broker: EmbeddedBroker, tmp_path: Path) -> None:
    with pytest.raises(KioskError, match=f"port {broker.port} is taken"):
        EmbeddedBroker(tmp_path, broker.port)


def test_stops_and_starts_again_on_its_port(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path, free_port())
    broker.stop()
    assert not answers(broker.port)
    broker.restart()
    broker.kill()
    assert not answers(broker.port)


def test_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; "
        "from terminal.embedded_broker import EmbeddedBroker; "
        "EmbeddedBroker(Path(sys.argv[1]), int(sys.argv[2])); print('up', flush=True); "
        "time.sleep(60)"
    )
    port = free_port()
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(port)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    assert answers(port)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until(lambda: not answers(port))
