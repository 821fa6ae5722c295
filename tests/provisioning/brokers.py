"""The brokers that we ship, run with paths and ports of the tests' own, and clients of them."""

from __future__ import annotations

import queue
import shutil
import signal
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_pem_x509_certificates
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hub import ca
from knowledge import atomic
from tests.servers import Mosquitto, free_port, listens, wait_until

SHIPPED = Path(__file__).parents[2] / "provisioning" / "mosquitto"
INSTALLED = "/etc/mosquitto/lobby-kiosk"
WAIT_S = 10.0


class Shipped(Mosquitto):
    """One of the shipped configurations; each of its ports becomes a free one."""

    def __init__(self, folder: Path, file: str, ports: dict[int, int]) -> None:
        self.text = (SHIPPED / file).read_text("utf-8").replace(INSTALLED, str(folder))
        self.text = self.text.replace("/var/lib/mosquitto/", f"{folder}/")
        self.text = self.text.replace("log_dest syslog", "log_dest stderr")
        for port, free in ports.items():
            self.text = self.text.replace(f"listener {port}\n", f"listener {free} 127.0.0.1\n")
            self.text = self.text.replace(f"listener {port} ", f"listener {free} ")
            self.text = self.text.replace(f":{port}", f":{free}")
        super().__init__(folder, self.text.splitlines(), bare=True)
        self.port = next(iter(ports.values()))
        self._doors = [free for free in ports.values() if f"listener {free} " in self.text]

    def _ready(self) -> bool:
        # It opens one door after another.
        return super()._ready() and all(map(listens, self._doors))

    def reload(self) -> None:
        """SIGHUP, as `systemctl reload mosquitto`; it is done a moment later."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def save(self) -> None:
        """What is kept over a restart is on the disk."""
        assert self.process is not None
        self.process.send_signal(signal.SIGUSR1)
        wait_until((self.folder / "mosquitto.db").exists, "the broker's database")


class Site:
    """A hub's certificates, and both brokers with them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "hub"
        self.folder = folder / "broker"
        self.folder.mkdir(parents=True)
        self.now = time.time()
        ca.make(self.data, self.now)
        ca.issue_service(self.data, "broker", ["localhost", "127.0.0.1"], self.now)
        ca.issue_service(self.data, "enrolment.services", (), self.now)
        ca.issue_service(self.data, "hub.services", (), self.now)
        self.install()
        self.ports = {8883: free_port(), 8884: free_port(), 8885: free_port()}
        inside = {port: self.ports[port] for port in (8883, 8884)}
        self.broker = Shipped(self.folder, "lobby-kiosk.conf", inside)
        outside = {port: self.ports[port] for port in (8885, 8884)}
        strangers = folder / "strangers"
        shutil.copytree(self.folder, strangers)
        self.strangers = Shipped(strangers, "lobby-kiosk-enrolment.conf", outside)

    def install(self) -> None:
        """As README says."""
        for path in (self.data / "tls").iterdir():
            shutil.copy(path, self.folder / path.name)
        for name in ("acl", "enrolment.acl"):
            shutil.copy(SHIPPED / name, self.folder / name)

    def issue(self, device: str, ago_s: float = 0) -> int:
        """A kiosk's key and certificate in the hub's folder; the serial number."""
        key = ec.generate_private_key(ec.SECP256R1())
        when = self.now - ago_s
        chain = ca.load(self.data, "devices").for_device(device, key.public_key(), when)
        atomic.write(self.data / f"{device}.key.pem", ca.key_pem(key), 0o600)
        atomic.write(self.data / f"{device}.pem", chain)
        return load_pem_x509_certificates(chain)[0].serial_number

    def device(self, device: str, client_id: str | None = None, port: int = 8883) -> Client:
        files = (self.data / f"{device}.pem", self.data / f"{device}.key.pem")
        return self._client(port, client_id or device, files)

    def hub(self, client_id: str = "hub-1", port: int = 8884) -> Client:
        tls = self.data / "tls"
        files = (tls / "hub-services.pem", tls / "hub-services.key.pem")
        return self._client(port, client_id, files)

    def stranger(self, client_id: str = "", port: int = 8885) -> Client:
        return self._client(port, client_id, None)

    def _client(self, port: int, client_id: str, files: tuple[Path, Path] | None) -> Client:
        context = ssl.create_default_context(cafile=str(self.data / "tls" / "services-ca.pem"))
        if files:
            context.load_cert_chain(*files)
        return Client(self.ports[port], client_id, context)


class Client:
    """Connects, and waits for what it asks for."""

    def __init__(self, port: int, client_id: str, context: ssl.SSLContext) -> None:
        self._port = port
        self.messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._reasons: queue.Queue[str] = queue.Queue()
        self.lost: queue.Queue[str] = queue.Queue()
        self.assigned = ""
        self.paho = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        self.paho.tls_set_context(context)
        self.paho.on_message = self._on_message
        self.paho.on_connect = self._on_connect
        self.paho.on_disconnect = self._on_disconnect
        self.paho.on_publish = self._on_reason
        self.paho.on_subscribe = self._on_subscribe

    def connect(self, session_s: int = 0) -> str:
        """The reason code, or why there is no connection."""
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        asked.SessionExpiryInterval = session_s
        try:
            self.paho.connect(
                "127.0.0.1", self._port, 30, clean_start=not session_s, properties=asked
            )
        except (OSError, ssl.SSLError) as error:
            return f"refused ({error})"
        self.paho.loop_start()
        return self._reasons.get(timeout=WAIT_S)

    def publish(self, topic: str, payload: bytes = b"x", retain: bool = False) -> str:
        """The reason code of a QoS 1 publish."""
        self.paho.publish(topic, payload, 1, retain)
        return self._reasons.get(timeout=WAIT_S)

    def subscribe(self, topic: str) -> str:
        self.paho.subscribe(topic, 1)
        return self._reasons.get(timeout=WAIT_S)

    def next(self, wait_s: float = WAIT_S) -> tuple[str, bytes] | None:
        try:
            return self.messages.get(timeout=wait_s)
        except queue.Empty:
            return None

    def is_thrown_out(self, wait_s: float = WAIT_S) -> bool:
        try:
            self.lost.get(timeout=wait_s)
        except queue.Empty:
            return False
        return True

    def close(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.messages.put((message.topic, bytes(message.payload)))

    def _on_connect(self, *told: Any) -> None:
        self.assigned = getattr(told[4], "AssignedClientIdentifier", "")
        self._reasons.put(str(told[3]))

    def _on_disconnect(self, *told: Any) -> None:
        # Before the connection was answered it is a refusal: TLS 1.3 tells a client that its
        # certificate is no good only after the handshake.
        self.lost.put(str(told[3]))
        self._reasons.put(f"refused ({told[3]})")

    def _on_reason(self, *told: Any) -> None:
        self._reasons.put(str(told[3]))

    def _on_subscribe(self, *told: Any) -> None:
        self._reasons.put(str(told[3][0]))


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Both brokers, for as long as the tests want them."""
    site = Site(folder)
    site.broker.start()
    try:
        site.strangers.start()
        yield site
    finally:
        site.strangers.kill()
        site.broker.kill()
