"""All that a simulation starts on this machine: broker, database, hub; nothing else is touched."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fleet.signing import Keys
from terminal.hub_process import HubProcess, init_hub, trusted_keys
from terminal.ports import free_port
from terminal.simulate.endings import undisturbed
from terminal.simulate.proxy import Proxy
from terminal.simulate.servers import Postgres, Server, start_broker


@dataclass(slots=True)
class Stage:
    """Running servers. Kiosks go through the proxy where there is one."""

    folder: Path
    broker: Server
    hub: HubProcess
    keys: Keys
    token: str
    """Of the hub's first admin."""
    postgres: Postgres | None = None
    proxy: Proxy | None = None

    @property
    def port(self) -> int:
        """That kiosks connect to."""
        return self.proxy.port if self.proxy else self.broker.port

    @property
    def database(self) -> str:
        """URL."""
        return self.hub.database


@contextmanager
def open_stage(
    folder: Path,
    *,
    broker: str = "auto",
    workers: int = 1,
    database: str = "sqlite",
    proxy: random.Random | None = None,
) -> Iterator[Stage]:
    """Start it all; end it all. `database`: sqlite, postgresql (one of its own), or a URL.

    `proxy`: chance for the bad network before the broker; None: no such network.
    """
    servers: list[Server | HubProcess] = []
    try:
        running = start_broker(broker, folder)
        servers.append(running)
        postgres = None
        if database == "postgresql":
            postgres = Postgres(folder / "postgres")
            servers.append(postgres)
        url = postgres.url if postgres else None if database == "sqlite" else database
        data = folder / "hub"
        token = init_hub(data, url)
        hub = HubProcess(data, running.port, workers=workers, database=url)
        servers.append(hub)
        hub.start()
        hub.wait()
        between = Proxy(free_port(), running.port, proxy) if proxy else None
        keys = Keys(trusted_keys(data))
        yield Stage(folder, running, hub, keys, token, postgres, between)
    finally:
        with undisturbed():
            for server in reversed(servers):
                server.stop()
