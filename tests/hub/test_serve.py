"""`python -m hub init`, then `serve`: a hub as an admin runs it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from fleet import topics
from fleet.messages import HubTime
from fleet.signing import Keys
from hub import keys, setup
from tests.hub.test_ingest import message
from tests.servers import Mosquitto, free_port, listens, wait_until

ROOT = Path(__file__).parents[2]


def hub(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


class Served:
    """A hub that runs."""

    def __init__(self, folder: Path, broker: Mosquitto, token: str) -> None:
        self.port = free_port()
        self.folder = folder
        address = f"http://127.0.0.1:{self.port}"
        header = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=address, headers=header, trust_env=False)
        command = [sys.executable, "-m", "hub", "serve", "--data", str(folder)]
        command += ["--broker", broker.address, "--port", str(self.port), "--workers", "2"]
        self.process = psutil.Popen(command, cwd=ROOT)
        wait_until(self.is_well, "the hub", 60)

    def is_well(self) -> bool:
        return listens(self.port) and self.http.get("/healthz").status_code == 200

    def workers(self) -> list[psutil.Process]:
        return [each for each in self.process.children() if "worker" in each.cmdline()]

    def events(self) -> int:
        return len(self.http.get("/api/1/events?limit=1000").json()["events"])


@pytest.fixture
def token(tmp_path: Path) -> str:
    done = hub("init", "--data", str(tmp_path / "hub"))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@pytest.fixture
def served(tmp_path: Path, mosquitto: Mosquitto, token: str) -> Iterator[Served]:
    found = Served(tmp_path / "hub", mosquitto, token)
    yield found
    found.http.close()
    if found.process.is_running():
        found.process.terminate()
        found.process.wait(30)


@pytest.mark.broker
def test_a_hub_lives(served: Served, mosquitto: Mosquitto) -> None:
    got: list[bytes] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = lambda *told: got.append(bytes(told[2].payload))
    client.connect("127.0.0.1", mosquitto.port)
    client.subscribe(topics.HUB, 1)
    client.loop_start()
    try:
        wait_until(lambda: got, "the announcement")
        signer = keys.command_signer(served.folder / setup.KEYS)
        trusted = Keys({signer.key_id: signer.public})
        said = trusted.open("hub", HubTime, got[0], time.time())
        assert abs(said.at - time.time()) < 120

        seq = _send_until_taken(served, client, 1)
        for each in served.workers():
            each.kill()
        _send_until_taken(served, client, seq + 1)
        assert len(served.workers()) >= 1
        page = served.http.get("/metrics").text
        assert f"hub_events_ingested_total {float(served.events())}" in page
    finally:
        client.disconnect()
        client.loop_stop()

    workers = served.workers()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(30) == 0
    assert not any(each.is_running() for each in workers)


def _send_until_taken(served: Served, client: mqtt.Client, seq: int) -> int:
    """Workers may not be there yet: as a kiosk, again and again."""
    before = served.events()

    def taken() -> bool:
        client.publish(*message("rating", seq), 1)
        time.sleep(0.3)
        return served.events() > before

    wait_until(taken, "a worker", 60)
    return seq


@pytest.mark.broker
def test_workers_end_with_the_hub_however_it_ends(served: Served) -> None:
    wait_until(lambda: len(served.workers()) == 2, "workers")
    workers = served.workers()
    served.process.kill()
    served.process.wait()
    psutil.wait_procs(workers, 30)
    assert not any(each.is_running() for each in workers)


def test_secrets_are_for_their_owner_alone(tmp_path: Path, token: str) -> None:
    folder = tmp_path / "hub"
    assert len(token) >= 32
    assert folder.stat().st_mode & 0o077 == 0
    for path in (folder / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert all(token.encode() not in path.read_bytes() for path in folder.rglob("*.*"))


def test_users_on_the_command_line(tmp_path: Path, token: str) -> None:
    data = ("--data", str(tmp_path / "hub"))
    made = hub("user", "add", "li", "--role", "operator", *data)
    assert (made.returncode, len(made.stdout.strip()) >= 32) == (0, True)
    assert hub("user", "ls", *data).stdout == "admin\tadmin\nli\toperator\n"
    assert hub("user", "rm", "li", *data).returncode == 0
    last = hub("user", "rm", "admin", *data)
    assert (last.returncode, "last admin" in last.stderr) == (2, True)


def test_what_is_wrong_is_one_line(tmp_path: Path, token: str) -> None:
    data = str(tmp_path / "hub")
    cases = {
        ("init", "--data", data): "set up already",
        ("serve", "--data", str(tmp_path / "none")): "kiosk hub init",
        ("serve", "--data", data, "--broker", "nonsense"): "HOST:PORT",
        ("serve", "--data", data, "--tls-cert", "x"): "--tls-key",
        ("serve", "--data", data, "--database", "mysql://x"): "sqlite or postgresql",
        ("serve", "--data", data, "--database", f"sqlite:///{tmp_path}/new.db"): "migrate",
        ("serve", "--data", data, "--nonsense"): "nonsense",
        ("user", "add", "a b", "--data", data): "letters",
    }
    for arguments, said in cases.items():
        done = hub(*arguments)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_epoch_rises_when_a_database_was_restored(tmp_path: Path, token: str) -> None:
    first = hub("restored", "--data", str(tmp_path / "hub")).stdout.split()[-1]
    then = hub("restored", "--data", str(tmp_path / "hub")).stdout.split()[-1]
    assert int(then) > int(first) > 1_700_000_000
