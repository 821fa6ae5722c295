"""`kiosk demo`: broker, hub, one kiosk and its page on this machine, in one command.

Its state stays in one folder, so that the next demo goes on where this one ended:

    admin.toml     who may command the hub: hub, token (0600); `kiosk fleet` finds it by itself
    hub/           the hub's database, keys and packs
    kiosk/         the kiosk's events, installed packs, and trust in its hub
    broker/        the broker's settings and log
"""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge import atomic
from terminal import demo_pack, enrolling, kiosk
from terminal.config import HubSection, Settings
from terminal.embedded_broker import EmbeddedBroker
from terminal.errors import KioskError
from terminal.hub_api import HubApi
from terminal.hub_process import HubProcess, init_hub
from terminal.ports import LOOPBACK, free_port, is_free

log = logging.getLogger(__name__)

SITE = "demo"
HUB_PORT = 8090
ADMIN = "admin.toml"
_WATCH_S = 5.0
_TOKEN_LIVES_S = 600
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Places:
    """In the state folder."""

    state: Path

    @property
    def admin(self) -> Path:
        """Access of the hub's admin."""
        return self.state / ADMIN

    @property
    def hub(self) -> Path:
        """The hub's folder."""
        return self.state / "hub"

    @property
    def kiosk(self) -> Path:
        """What of the kiosk survives a restart."""
        return self.state / "kiosk"

    @property
    def trust(self) -> Path:
        """What enrolment left."""
        return self.kiosk / "trust"


def run(settings: Settings, state: Path, hub_port: int | None = None, *, trace: bool) -> None:
    """Start all of it, and stay until SIGINT or SIGTERM. KioskError in one line if it cannot be."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    need_hub()
    need_port(settings.screen.host, settings.screen.port)
    places = Places(state.absolute())
    with _alone(places.state), _servers(places, _hub_port(hub_port)) as (broker, hub):
        if not enrolling.is_enrolled(places.trust):
            _enrol(places, hub, broker.port)
        threading.Thread(
            target=_look_after, args=(places, hub, broker, settings.pack), daemon=True
        ).start()
        again = kiosk.stay(in_fleet(settings, places, broker.port), trace=trace)
    # Only when the servers have ended, or the next start would find them there.
    if again:
        kiosk.start_again()


def in_fleet(settings: Settings, places: Places, broker_port: int) -> Settings:
    """With a [hub] of its own; what the settings say of one is left out."""
    section = HubSection(
        broker=f"{LOOPBACK}:{broker_port}",
        device=demo_pack.DEVICE,
        trust=places.trust,
        folder=places.kiosk,
        text="redacted",
        health_s=10,
    )
    return settings.model_copy(update={"hub": section})


def need_hub() -> None:
    """KioskError where the hub's packages are not installed."""
    if importlib.util.find_spec("sqlalchemy") is None:
        raise KioskError(
            "missing", "the hub is not installed: pip install 'lobby-kiosk[hub]', or use kiosk run"
        )


def need_port(host: str, port: int) -> None:
    """Before anything is started: a taken port must be told at once."""
    if port and not is_free(port, host):
        raise KioskError("input", f"{host}:{port}: is taken; choose another with --port")


def _hub_port(wanted: int | None) -> int:
    """The usual one if nobody said otherwise and it is free."""
    if wanted is None:
        return HUB_PORT if is_free(HUB_PORT) else free_port()
    if wanted and not is_free(wanted):
        raise KioskError("input", f"{LOOPBACK}:{wanted}: is taken; choose another with --hub-port")
    return wanted or free_port()


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Two demos in one folder would tear each other's files."""
    atomic.folder(state)
    lock = FileLock(state / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise KioskError(
            "input", f"a demo runs in {state} already; stop it, or give --state another folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _servers(places: Places, hub_port: int) -> Iterator[tuple[EmbeddedBroker, HubProcess]]:
    broker = EmbeddedBroker(places.state / "broker", free_port())
    try:
        _need_hub_folder(places)
        hub = HubProcess(places.hub, broker.port, port=hub_port)
        _, token = demo_pack.access(places.admin)
        _write_admin(places, hub.url, token)
        hub.start()
        try:
            yield broker, hub
        finally:
            hub.stop()
    finally:
        broker.stop()


def _need_hub_folder(places: Places) -> None:
    """Made beside and moved, so that a demo which is stopped meanwhile leaves no half of one."""
    if places.hub.exists():
        return
    print("demo: making a hub …", file=sys.stderr, flush=True)
    made = places.state / "hub.new"
    shutil.rmtree(made, ignore_errors=True)
    _write_admin(places, "", init_hub(made))
    # Of another hub, which is gone.
    shutil.rmtree(places.kiosk, ignore_errors=True)
    made.rename(places.hub)


def _write_admin(places: Places, url: str, token: str) -> None:
    text = f"hub = {json.dumps(url)}\ntoken = {json.dumps(token)}\n"
    atomic.write(places.admin, text.encode(), _SECRET)


def _enrol(places: Places, hub: HubProcess, broker_port: int) -> None:
    """As a technician would, with a token that works once."""
    print("demo: enrolling the kiosk …", file=sys.stderr, flush=True)
    hub.wait()
    api = HubApi(*demo_pack.access(places.admin))
    try:
        wanted = {"site": SITE, "region": "", "labels": [], "lives_s": _TOKEN_LIVES_S}
        token = str(api.post("/api/1/enrol-tokens", wanted)["token"])
    finally:
        api.close()
    got = enrolling.enrol(LOOPBACK, broker_port, token, demo_pack.DEVICE, hardware="browser")
    got.save(places.trust)


def _say(places: Places, hub: HubProcess) -> None:
    for line in (
        f"demo: the hub is at {hub.url}; kiosk fleet ls tells of its kiosks",
        f"demo: its admin's token: export KIOSK_HUB_ADMIN={places.admin}",
    ):
        print(line, file=sys.stderr, flush=True)


def _look_after(places: Places, hub: HubProcess, broker: EmbeddedBroker, pack: str) -> None:
    """Tell of the hub and publish the pack, then tell if a server ends; the kiosk needs neither."""
    try:
        # The kiosk is often ready first: who is told of the hub may use it at once.
        hub.wait()
        _say(places, hub)
        _publish(places, pack)
    except KioskError as error:
        log.error("demo: %s", error.message)
    watched = [each for each in (hub.child, broker.child) if each]
    wait = threading.Event()
    while watched:
        wait.wait(_WATCH_S)
        for child in [each for each in watched if not each.is_running]:
            watched.remove(child)
            log.error("demo: %s ended: %s (see %s)", child.name, child.last_line(), child.log)


def _publish(places: Places, pack: str) -> None:
    command = [sys.executable, "-m", "terminal.demo_pack"]
    arguments = [str(places.admin), pack, str(places.state / "built")]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    if said := done.stdout.strip():
        log.warning("demo: %s", said)
