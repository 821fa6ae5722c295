"""A running hub behind the shipped brokers, over TLS, and its admin."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from hub import enrol, migrate, serve, setup
from hub.bus import Broker
from hub.context import Hub
from hub.database import Database
from hub.settings import Settings
from terminal import enrolling
from terminal.application import Enrolled
from tests.provisioning import brokers
from tests.provisioning.brokers import Site
from tests.servers import wait_until


class Scene:
    """Brokers, a running hub, and its admin."""

    def __init__(self, site: Site, hub: Hub, asks: TestClient) -> None:
        self.site, self.hub, self.asks = site, hub, asks

    def post(self, path: str, **given: Any) -> dict[str, Any]:
        answer = self.asks.post(f"/api/1/{path}", **given)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.asks.get(f"/api/1/{path}").json()
        return found

    def refuses(self, device: str) -> bool:
        """Whether the kiosks' broker takes nobody in with these files of the hub's folder."""
        client = self.site.device(device)
        said = client.connect()
        client.close()
        return said.startswith("refused")

    def enrol(self, device: str, *, replaces: bool = False) -> Enrolled:
        wanted = {"site": "hall-1"} | ({"device": device} if replaces else {})
        token = self.post("enrol-tokens", json=wanted)["token"]
        port = self.site.ports[8885]
        ca = self.site.data / "tls" / "services-ca.pem"
        enrolled = enrolling.enrol("127.0.0.1", port, token, device, ca=ca, wait_s=20)
        (self.site.data / f"{device}.key.pem").write_bytes(enrolled.key)
        (self.site.data / f"{device}.pem").write_text(enrolled.certificate)
        return enrolled


@contextmanager
def running(folder: Path) -> Iterator[Scene]:
    """For as long as the tests want it. The revocation hook reloads the broker."""
    with brokers.running(folder) as site:
        tls = site.data / "tls"
        broker = Broker(
            "127.0.0.1",
            site.ports[8884],
            tls / "services-ca.pem",
            tls / "hub-services.pem",
            tls / "hub-services.key.pem",
        )
        settings = Settings(site.data, broker)
        token = setup.init(site.data, settings.url, time.time())
        enrol.say_where(site.data, "127.0.0.1", site.ports[8883], site.ports[8885])
        hook = site.data / "hooks" / "crl-changed"
        hook.parent.mkdir()
        process = site.broker.process
        assert process is not None
        hook.write_text(f'#!/bin/sh\ncp "$1" {site.folder}/ && kill -HUP {process.pid}\n')
        hook.chmod(0o755)
        database = Database(settings.url)
        migrate.check(database)
        with serve.running(settings, database) as (hub, parts):
            wait_until(lambda: hub.bus.connected, "the hub's connection")
            header = {"Authorization": f"Bearer {token}"}
            with TestClient(serve.application(parts), headers=header) as asks:
                yield Scene(site, hub, asks)
        database.close()
