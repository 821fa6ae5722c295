"""The tests' own servers do what the tests rely on: they can be killed and come back."""

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.servers import Mosquitto, Postgres, listens, start_postgres, wait_until

pytestmark = pytest.mark.broker


def test_a_retained_message_outlives_the_brokers_death(mosquitto: Mosquitto) -> None:
    got: list[bytes] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = lambda *told: got.append(told[2].payload)

    def on_connect(*_: object) -> None:
        client.subscribe("a", options=SubscribeOptions(qos=1))

    client.on_connect = on_connect
    client.connect("127.0.0.1", mosquitto.port)
    client.loop_start()
    client.publish("a", b"kept", qos=1, retain=True)
    wait_until(lambda: got == [b"kept"], "the message")
    kept = mosquitto.folder / "mosquitto.db"
    wait_until(lambda: kept.exists() and b"kept" in kept.read_bytes(), "the broker's database")

    mosquitto.kill()
    assert not listens(mosquitto.port)
    mosquitto.start()

    wait_until(lambda: got == [b"kept", b"kept"], "the retained message")
    client.disconnect()
    client.loop_stop()


def test_postgres_is_killed_and_keeps_what_was_committed() -> None:
    with start_postgres() as server:
        folder = server.folder
        with _connect(server) as connection:
            connection.execute("create table kept (n int)")
            connection.execute("insert into kept values (1)")
        server.restart()
        with _connect(server) as connection:
            assert connection.execute("select n from kept").fetchall() == [(1,)]
    assert not folder.exists()


def _connect(server: Postgres) -> psycopg.Connection:
    return psycopg.connect(f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres")
