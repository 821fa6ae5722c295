"""How many events a second the hub's workers commit, from a real broker into a real database.

`python -m hub.bench --broker HOST:PORT --database URL [--workers N] [--events N] [--batch N]`

Workers are processes as in `kiosk hub serve`. The load is made by this process, its packets ready
to be written, so that it takes little of the machine from them. Time runs from the first event that
is sent to the last one that is acknowledged, and so committed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess
from typing import Any

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from fleet import codec, topics
from fleet.messages import Acknowledged, Batch, Event
from fleet.records import SessionRecord, Turn
from fleet.signing import Keys, Signed, Signer
from hub import migrate, worker
from hub.bus import Broker
from hub.database import Database
from hub.tables import Event as EventRow

KIOSKS = 1000
AHEAD = 900
"""Messages under way: fewer than Mosquitto queues for a client."""
WARM = 2000
"""Events sent before the clock starts."""
CHECK_EVERY = 20
"""Of acknowledgements, one signature is checked: that is a kiosk's work, and dearer than ours."""
PATIENCE_S = 60.0
RECORD = SessionRecord(
    visit="0123456789abcdef",
    minute=29_400_000,
    lasted_s=48,
    pack="gov-hall@3",
    turns=(
        Turn(outcome="answered", answer_id="gov.social_card.reissue", confidence="high"),
        Turn(outcome="clarify", confidence="middle", waited_ms=720),
    ),
)


class Load:
    """Writes MQTT 5 packets to the broker, and counts what the hub acknowledges."""

    def __init__(self, broker: Broker, keys: Keys) -> None:
        self.acknowledged = 0
        self._opened_count = 0
        self._keys = keys
        self._moved = threading.Condition()
        self._socket = socket.create_connection((broker.host, broker.port))
        self._socket.settimeout(PATIENCE_S)
        self._socket.sendall(_connect() + _subscribe(f"{topics.ROOT}/d/+/dn/ack"))
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, packets: list[bytes], events: int) -> None:
        """All, each of `events` events; back when all are acknowledged."""
        begin = self.acknowledged
        for number in range(0, len(packets), 50):
            self._wait(begin + (number - AHEAD) * events)
            self._socket.sendall(b"".join(packets[number : number + 50]))
        self._wait(begin + len(packets) * events)

    def _wait(self, least: int) -> None:
        with self._moved:
            if not self._moved.wait_for(lambda: self.acknowledged >= least, PATIENCE_S):
                raise TimeoutError(f"{self.acknowledged} of {least} acknowledged")

    def _read(self) -> None:
        with self._socket.makefile("rb") as stream:
            while head := stream.read(1):
                body = stream.read(_length(stream.read))
                if head[0] >> 4 == 3:
                    self._acknowledge(body)

    def _acknowledge(self, body: bytes) -> None:
        (topic_bytes,) = struct.unpack(">H", body[:2])
        properties = body[2 + topic_bytes]
        payload = body[3 + topic_bytes + properties :]
        ack = self._opened(payload)
        told = sum(high - low + 1 for each in ack.boots.values() for low, high in each)
        with self._moved:
            self.acknowledged += told
            self._moved.notify()

    def _opened(self, payload: bytes) -> Acknowledged:
        self._opened_count += 1
        if self._opened_count % CHECK_EVERY == 1:
            return self._keys.open("ack", Acknowledged, payload, None)
        return codec.decode(Acknowledged, codec.decode(Signed, payload).body.encode())


def packets(events: int, batch: int, boot: int) -> list[bytes]:
    """PUBLISH packets, QoS 1."""
    found = []
    for number in range(events // batch):
        device = f"bench-{number % KIOSKS:05d}"
        first = (number // KIOSKS) * batch + 1
        rows = tuple(
            Event(boot=boot, seq=seq, at=float(boot), body=RECORD)
            for seq in range(first, first + batch)
        )
        payload = codec.pack(Batch(device=device, events=rows))
        topic = topics.events(device, "session").encode()
        mid = struct.pack(">H", number % 65_000 + 1)
        found.append(_packet(0x32, _string(topic) + mid + b"\x00" + payload))
    return found


def measure(broker: Broker, url: str, workers: int, events: int, batch: int) -> dict[str, object]:
    """A row of figures."""
    database = Database(url)
    migrate.upgrade(database)
    signer = Signer("bench", Ed25519PrivateKey.generate())
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    started = [
        context.Process(target=_work, args=(url, broker, signer.private.private_bytes_raw(), stop))
        for _ in range(workers)
    ]
    for each in started:
        each.start()
    now = int(time.time())
    load = Load(broker, Keys({"bench": signer.public}))
    ready = packets(events, batch, now)
    warm = packets(WARM, batch, now - 1)
    time.sleep(5)
    load.send(warm, batch)
    begin, begin_cpu_s = time.perf_counter(), _cpu_s(started)
    load.send(ready, batch)
    took_s, cpu_s = time.perf_counter() - begin, _cpu_s(started) - begin_cpu_s
    stop.set()
    for each in started:
        each.join()
    with database.read() as session:
        asked = select(func.count()).select_from(EventRow).where(EventRow.boot == now)
        stored = session.scalar(asked)
    return {
        "database": database.engine.dialect.name,
        "workers": workers,
        "events_in_a_message": batch,
        "sent": len(ready) * batch,
        "stored": stored,
        "events_per_s": round(len(ready) * batch / took_s),
        "worker_cpu_us_per_event": round(cpu_s * 1e6 / (len(ready) * batch), 1),
        "worker_cpu_percent": round(cpu_s / took_s * 100),
        # What it would be if every worker had a core of its own, and the machine nothing else.
        "events_per_cpu_s": round(len(ready) * batch / cpu_s * workers),
    }


def _cpu_s(started: Iterable[BaseProcess]) -> float:
    """Of processor time, all together."""
    times = [psutil.Process(each.pid).cpu_times() for each in started]
    return sum(each.user + each.system for each in times)


def _work(url: str, broker: Broker, key: bytes, stop: Any) -> None:
    signer = Signer("bench", Ed25519PrivateKey.from_private_bytes(key))
    worker.run(Database(url), broker, signer, stop, open_registry=True)


def _connect() -> bytes:
    # Version 5, clean start, keepalive 0, no properties, an id by the broker.
    return _packet(0x10, _string(b"MQTT") + b"\x05\x02\x00\x00\x00" + _string(b""))


def _subscribe(topic_filter: str) -> bytes:
    return _packet(0x82, b"\x00\x01\x00" + _string(topic_filter.encode()) + b"\x00")


def _packet(head: int, body: bytes) -> bytes:
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (128 if rest else 0)])
        if not rest:
            return bytes([head]) + length + body


def _string(text: bytes) -> bytes:
    return struct.pack(">H", len(text)) + text


def _length(read: Callable[[int], bytes]) -> int:
    found, shift, more = 0, 0, True
    while more:
        digit = read(1)[0]
        found |= (digit & 127) << shift
        shift, more = shift + 7, digit > 127
    return found


def main() -> None:
    """Print one row of JSON."""
    about = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    about.add_argument("--broker", default="127.0.0.1:1883")
    about.add_argument("--database", required=True)
    about.add_argument("--workers", type=int, default=1)
    about.add_argument("--events", type=int, default=20_000)
    about.add_argument("--batch", type=int, default=1)
    told = about.parse_args()
    host, _, port = told.broker.rpartition(":")
    broker = Broker(host, int(port))
    row = measure(broker, told.database, told.workers, told.events, told.batch)
    print(json.dumps(row))


if __name__ == "__main__":
    main()
