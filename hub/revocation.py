"""Kiosks that were revoked: their certificates go on a list, and their live sessions end.

The hub itself ignores a revoked kiosk from the moment that its row says so. The broker has to be
told twice. It refuses listed certificates once it has read the list (SIGHUP); and since Mosquitto
leaves sessions alone that are there already, the hub takes the session over, by connecting with
the kiosk's client id through its own door, which throws the kiosk out.

After the list was written, DATA/hooks/crl-changed is run with the list's path, if it is there: a
script that copies the list to the broker's machine and reloads it.
"""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from cryptography import x509
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select, update

from hub import audit, ca
from hub.bus import Broker
from hub.content_tables import CertificateRow
from hub.context import Hub
from hub.desired import Publisher
from hub.lease import Lease
from hub.tables import Kiosk
from knowledge import atomic

LOG = logging.getLogger(__name__)
EVERY_S = 2.0
HOOK = Path("hooks") / "crl-changed"
HOOK_LIVES_S = 60
EVICT_S = 5.0
AGAIN_S = 10.0
MAX_AT_ONCE = 5
"""Sessions that are ended in one go: other jobs wait for it."""


class Revocation:
    """`run` is a job of the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lease = Lease(hub.database, "revocation")
        self._publisher = Publisher(hub)
        self._listed: frozenset[int] | None = None
        self._again: dict[str, float] = {}
        """Whose sessions are to be ended once more, and when: the broker may not have read the
        list yet when it was first thrown out, and have let it in again."""

    def run(self) -> None:
        """Whatever was revoked since the last time."""
        now = self._hub.clock()
        with self._hub.database.read() as session:
            revoked = select(Kiosk.device).where(Kiosk.revoked.is_not(None))
            new = session.scalars(
                select(CertificateRow.device)
                .where(CertificateRow.revoked.is_(None), CertificateRow.device.in_(revoked))
                .distinct()
            ).all()
            live = session.scalars(revoked.where(Kiosk.online).limit(MAX_AT_ONCE)).all()
            serials = _serials(session.execute(_LISTED))
        if not self._hub.bus.connected:
            live = []  # Nobody can be thrown out now; the list can be written.
        again = [device for device, at in self._again.items() if at <= now][:MAX_AT_ONCE]
        if not (new or live or again or self._is_new(serials)) or not self._lease.holds(now):
            return
        if new:
            serials |= self._mark(list(new), now)
        if self._is_new(serials):
            replaced = self._replaced(serials)
            self._write(serials, now)
            for device in replaced:
                # What it is to be stays at the broker, for the board that is there now.
                if self._hub.broker is not None:
                    evict(self._hub.broker, device)
        for device in live:
            self._end(device)
            self._again[device] = now + AGAIN_S
        for device in again:
            del self._again[device]
            self._end(device)

    def _is_new(self, serials: dict[int, float]) -> bool:
        if self._listed is None:
            self._listed = _read_list(self._hub.data)
        return self._listed != frozenset(serials)

    def _replaced(self, serials: dict[int, float]) -> list[str]:
        """Kiosks that go on with another certificate than one that is newly on the list.

        A session of the old one may be there still; who has the new one connects again.
        """
        new = [f"{serial:x}" for serial in set(serials) - (self._listed or frozenset())]
        of_them = (
            select(CertificateRow.device)
            .join(Kiosk, Kiosk.device == CertificateRow.device)
            .where(CertificateRow.serial.in_(new[:500]), Kiosk.revoked.is_(None))
            .distinct()
        )
        with self._hub.database.read() as session:
            return list(session.scalars(of_them))

    def _mark(self, devices: list[str], now: float) -> dict[int, float]:
        with self._hub.database.write() as session:
            of_them = CertificateRow.device.in_(devices) & CertificateRow.revoked.is_(None)
            serials = session.scalars(select(CertificateRow.serial).where(of_them)).all()
            session.execute(update(CertificateRow).where(of_them).values(revoked=now))
        return {int(serial, 16): now for serial in serials}

    def _write(self, serials: dict[int, float], now: float) -> None:
        path = self._hub.data / ca.TLS / ca.CRL
        authority = ca.load(self._hub.data, "devices")
        atomic.write(path, authority.revoked(sorted(serials.items()), now))
        self._listed = frozenset(serials)
        said = run_hook(self._hub.data, path)
        LOG.info("%s: %d revoked; %s", path, len(serials), said)
        with self._hub.database.write() as session:
            audit.note(session, now, "hub", "revocation-list", str(len(serials)), said)

    def _end(self, device: str) -> None:
        """Its session, and what the broker keeps for it. Tried again if the broker is away."""
        self._publisher.clear(device)
        if self._hub.broker is not None and not evict(self._hub.broker, device):
            LOG.warning("%s: revoked, and its session could not be ended yet", device)
            return
        with self._hub.database.write() as session:
            session.execute(update(Kiosk).where(Kiosk.device == device).values(online=False))


_LISTED = select(CertificateRow.serial, CertificateRow.revoked).where(
    CertificateRow.revoked.is_not(None)
)


def run_hook(data: Path, crl: Path) -> str:
    """What came of it, in a line."""
    hook = data / HOOK
    if not hook.is_file():
        return f"no {HOOK}: give the list to the broker by hand, and reload it"
    try:
        done = subprocess.run(
            [str(hook), str(crl)], capture_output=True, timeout=HOOK_LIVES_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        LOG.error("%s: %s", hook, error)
        return f"{HOOK} failed: {error}"[:300]
    if done.returncode:
        LOG.error("%s: status %d: %s", hook, done.returncode, done.stderr[-500:].decode())
        return f"{HOOK} failed with status {done.returncode}"
    return f"{HOOK} done"


def evict(broker: Broker, device: str) -> bool:
    """End the session of `device`, and throw away what the broker queued for it."""
    connected = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, device, protocol=mqtt.MQTTv5)

    def on_connect(*told: Any) -> None:
        if not told[3].is_failure:
            connected.set()

    client.on_connect = on_connect
    if broker.ca is not None:
        context = ssl.create_default_context(cafile=str(broker.ca))
        if broker.certificate is not None:
            context.load_cert_chain(broker.certificate, broker.key)
        client.tls_set_context(context)
    try:
        client.connect(broker.host, broker.port, 10, clean_start=True)
        client.loop_start()
        return connected.wait(EVICT_S)
    except OSError as error:
        LOG.warning("%s: %s", device, error)
        return False
    finally:
        client.disconnect()
        client.loop_stop()


def _serials(rows: Any) -> dict[int, float]:
    return {int(serial, 16): float(at) for serial, at in rows}


def _read_list(data: Path) -> frozenset[int]:
    try:
        found = x509.load_pem_x509_crl((data / ca.TLS / ca.CRL).read_bytes())
    except (OSError, ValueError):
        return frozenset({-1})  # whatever should be on it, it is to be written
    return frozenset(entry.serial_number for entry in found)
