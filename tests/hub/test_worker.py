"""Workers as processes, a real broker, real databases, and SIGKILL: what a kiosk is told is safe is
safe, and nothing happens twice."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from sqlalchemy import func, select

from fleet import topics
from fleet.messages import Acknowledged
from fleet.signing import Keys
from hub import keys, setup
from hub.database import Database
from hub.tables import Event, Ticket
from tests.hub.test_ingest import message
from tests.servers import Mosquitto, Postgres, start_postgres, wait_until

pytestmark = pytest.mark.broker
ROOT = Path(__file__).parents[2]
BOOT = 7
Id = tuple[str, int]


class Kiosks:
    """Send events, and send again what was not acknowledged, as kiosks do; each makes a ticket."""

    def __init__(self, port: int, trusted: Keys, count: int, again_s: float = 1.5) -> None:
        self.acknowledged: set[Id] = set()
        self.sent: set[Id] = set()
        self._devices = [f"k-{number}" for number in range(count)]
        self._trusted = trusted
        self._again_s = again_s
        self._next = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._connect
        self._client.on_message = self._heard
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._again = threading.Thread(target=self._send_again)
        self._again.start()

    def make(self, events: int) -> None:
        """So many new ones."""
        for _ in range(events):
            self._next += 1
            event = (self._devices[self._next % len(self._devices)], self._next)
            with self._lock:
                self.sent.add(event)
            self._send(event)

    def all_safe(self) -> bool:
        """Whether every event is acknowledged."""
        with self._lock:
            return self.acknowledged == self.sent

    def close(self) -> None:
        self._stopping.set()
        self._again.join()
        self._client.disconnect()
        self._client.loop_stop()

    def _send(self, event: Id) -> None:
        device, seq = event
        topic, payload = message("ticket", seq, device=device, ticket=f"{seq:016x}")
        if self._client.is_connected():
            self._client.publish(topic, payload, 1)

    def _send_again(self) -> None:
        while not self._stopping.wait(self._again_s):
            with self._lock:
                left = sorted(self.sent - self.acknowledged)
            for event in left:
                self._send(event)

    def _connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(f"{topics.ROOT}/d/+/dn/ack", 1)

    def _heard(self, _client: mqtt.Client, _user: Any, told: mqtt.MQTTMessage) -> None:
        ack = self._trusted.open("ack", Acknowledged, bytes(told.payload), time.time())
        assert told.topic == topics.down(ack.device, "ack")
        with self._lock:
            for low, high in ack.boots.get(str(BOOT), ()):
                self.acknowledged |= {(ack.device, seq) for seq in range(low, high + 1)}


class Workers:
    """Processes of one hub."""

    def __init__(self, folder: Path, url: str, broker: Mosquitto, count: int) -> None:
        arguments = ["--data", str(folder), "--broker", broker.address, "--database", url]
        self._command = [sys.executable, "-m", "hub", "worker", *arguments]
        self.running = [self._start() for _ in range(count)]

    def kill(self, number: int) -> None:
        """SIGKILL, and another one instead."""
        self.running[number].kill()
        self.running[number].wait()
        self.running[number] = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT)


@contextmanager
def workers_and_kiosks(
    folder: Path, url: str, broker: Mosquitto, workers: int = 1
) -> Iterator[tuple[Workers, Kiosks, Database]]:
    setup.init(folder, url, time.time())
    signer = keys.command_signer(folder / setup.KEYS)
    database = Database(url)
    started = Workers(folder, url, broker, workers)
    kiosks = Kiosks(broker.port, Keys({signer.key_id: signer.public}), count=20)
    try:
        kiosks.make(20)
        wait_until(kiosks.all_safe, "the workers", 60)
        yield started, kiosks, database
    finally:
        kiosks.close()
        for each in started.running:
            each.terminate()
        for each in started.running:
            each.wait(20)
        database.close()


def check(kiosks: Kiosks, database: Database) -> None:
    """What was told is safe, is; once, and with its effect once."""
    with kiosks._lock:
        safe = set(kiosks.acknowledged)
    with database.read() as session:
        # In one statement: between two of them PostgreSQL shows what others have committed since.
        tickets = select(func.count()).select_from(Ticket).scalar_subquery()
        rows = session.execute(select(Event.device, Event.seq, tickets.label("tickets"))).all()
    stored = [(row.device, row.seq) for row in rows]
    assert safe <= set(stored)
    assert len(stored) == len(set(stored))
    assert {row.tickets for row in rows} <= {len(stored)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "hub"


def test_a_worker_is_killed_in_the_midst(
    folder: Path, mosquitto: Mosquitto, database_url: str
) -> None:
    url = database_url
    with workers_and_kiosks(folder, url, mosquitto, workers=2) as (workers, kiosks, database):
        for turn in range(6):
            kiosks.make(150)
            time.sleep(0.03 * turn)
            workers.kill(turn % 2)
            check(kiosks, database)
        wait_until(kiosks.all_safe, "every event", 120)
        check(kiosks, database)
        assert len(kiosks.sent) == 920


def test_the_broker_is_killed(folder: Path, mosquitto: Mosquitto) -> None:
    url = f"sqlite:///{folder}/hub.db"
    with workers_and_kiosks(folder, url, mosquitto) as (_, kiosks, database):
        for _ in range(2):
            kiosks.make(300)
            mosquitto.restart()
            kiosks.make(50)
            check(kiosks, database)
        wait_until(kiosks.all_safe, "every event", 120)
        check(kiosks, database)


def test_the_database_is_killed(folder: Path, mosquitto: Mosquitto) -> None:
    with start_postgres() as server:
        url = server.new_database()
        with workers_and_kiosks(folder, url, mosquitto, workers=2) as (_, kiosks, database):
            _kill_under_load(server, kiosks, database)


def _kill_under_load(server: Postgres, kiosks: Kiosks, database: Database) -> None:
    for _ in range(2):
        kiosks.make(300)
        server.kill()
        kiosks.make(50)
        time.sleep(1)
        safe = len(kiosks.acknowledged)
        time.sleep(1)
        assert len(kiosks.acknowledged) == safe, "nothing is told without a database"
        server.start()
        check(kiosks, database)
    wait_until(kiosks.all_safe, "every event", 120)
    check(kiosks, database)
