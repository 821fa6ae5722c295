"""The hub and its two brokers, with the shipped configuration, on the container's loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from provisioning.prove.container import in_network

SHIPPED = Path(__file__).parents[1] / "mosquitto"
KIOSK = (sys.executable, "-m", "terminal.cli")
BROKER = "127.0.0.1:8884"
ENROL = "127.0.0.1:8885"


class HeadOffice:
    """Made anew in `folder`."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._data = folder / "hub"
        self._mqtt = folder / "mosquitto"
        self._mqtt.mkdir(parents=True)
        self._access = folder / "admin.toml"
        self._log = folder / "log"
        self._brokers: list[subprocess.Popen[bytes]] = []
        self._hub: subprocess.Popen[bytes] | None = None
        self._kiosk("hub", "certificates", "--data", str(self._data), "--host", "127.0.0.1")
        printed = self._kiosk("hub", "init", "--data", str(self._data))
        token = printed.splitlines()[-1]
        self._access.write_text(f'hub = "http://127.0.0.1:8090"\ntoken = "{token}"\n')
        self._access.chmod(0o600)
        for path in (self._data / "tls").iterdir():
            shutil.copy(path, self._mqtt)
        for name in ("acl", "enrolment.acl", "lobby-kiosk.conf", "lobby-kiosk-enrolment.conf"):
            text = (SHIPPED / name).read_text("utf-8")
            text = text.replace("/etc/mosquitto/lobby-kiosk", str(self._mqtt))
            text = text.replace("/var/lib/mosquitto/", f"{self._mqtt}/")
            text = text.replace("log_dest syslog", "log_dest stderr")
            # As root it would become another user, who cannot write here.
            (self._mqtt / name).write_text(f"user root\n{text}" if name.endswith("conf") else text)

    @property
    def ca(self) -> Path:
        """Whom kiosks believe that it is the broker."""
        return self._data / "tls" / "services-ca.pem"

    def open(self) -> None:
        """The hub runs; its brokers cannot be reached yet."""
        tls = self._data / "tls"
        self._hub = self._started(
            *KIOSK, "hub", "serve", "--data", str(self._data), "--broker", BROKER,
            "--tls-ca", str(tls / "services-ca.pem"), "--tls-cert", str(tls / "hub-services.pem"),
            "--tls-key", str(tls / "hub-services.key.pem"),
        )  # fmt: skip
        for _ in range(60):
            try:
                self.kiosks()
            except subprocess.CalledProcessError:
                time.sleep(1)
            else:
                return
        raise TimeoutError(f"the hub does not serve; see {self._log}")

    def connect(self) -> None:
        """The network comes."""
        for name in ("lobby-kiosk.conf", "lobby-kiosk-enrolment.conf"):
            self._brokers.append(self._started("mosquitto", "-c", str(self._mqtt / name)))

    def disconnect(self) -> None:
        """The network goes."""
        for each in self._brokers:
            each.kill()
            each.wait()
        self._brokers.clear()

    def close(self) -> None:
        """All of it ends."""
        self.disconnect()
        if self._hub is not None:
            self._hub.terminate()
            self._hub.wait(30)
            self._hub = None

    def token(self, device: str) -> str:
        """By which `device` may enrol, once."""
        return self.fleet("enrol-token", "--device", device).splitlines()[-1]

    def kiosks(self) -> list[dict[str, Any]]:
        """As an admin sees them."""
        return [json.loads(line) for line in self.fleet("ls", "--json").splitlines()]

    def wait_online(self, device: str, patience_s: float = 300) -> dict[str, Any]:
        """The kiosk's row, when the hub has heard of it."""
        end = time.monotonic() + patience_s
        while True:
            for row in self.kiosks():
                if row["device"] == device and row["state"] == "online":
                    return row
            if time.monotonic() > end:
                raise TimeoutError(f"{device} is not online; see {self._log}")
            time.sleep(1)

    def fleet(self, *words: str) -> str:
        """What `kiosk fleet` prints."""
        return self._kiosk("fleet", *words)

    def _kiosk(self, *words: str) -> str:
        environment = {**os.environ, "KIOSK_HUB_ADMIN": str(self._access)}
        with self._log.open("ab") as log:
            done = subprocess.run(
                [*in_network(), *KIOSK, *words],
                env=environment, stdout=subprocess.PIPE, stderr=log, text=True, check=True,
            )  # fmt: skip
        return done.stdout.strip()

    def _started(self, *words: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen([*in_network(), *words], stdout=log, stderr=log)
