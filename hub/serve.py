"""`kiosk hub serve`: workers, the registry's listeners, jobs and the HTTP API, until told to end.

Whatever of it dies, no acknowledged event is lost.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fleet.errors import KioskError
from hub import announcement, keys, migrate
from hub.bus import PahoBus
from hub.context import Hub, Part
from hub.database import Database
from hub.jobs import Jobs
from hub.parts import parts
from hub.settings import Settings
from hub.supervisor import Supervisor

LOG = logging.getLogger(__name__)
KEYS = "keys"
DATABASE_VARIABLE = "KIOSK_HUB_DATABASE"
"""URL of the database: it may hold a password, which a command line would show to everybody."""


def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. KioskError if it cannot begin."""
    database = open_database(settings.url)
    with _socket(settings) as door, running(settings, database) as (hub, found):
        # The HTTP server hands signals on to whoever listened before it, when it is done.
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: hub.stopping.set())
        os.environ[DATABASE_VARIABLE] = settings.url
        supervisor = Supervisor(_worker_command(settings), settings.workers)
        supervisor.start()
        LOG.info("hub at http://%s:%d", *door.getsockname()[:2])
        try:
            app = application(found)
            app.state.workers = lambda: (len(supervisor.pids), settings.workers)
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                ssl_certfile=settings.certificate,
                ssl_keyfile=settings.key,
            )
            if not hub.stopping.is_set():
                uvicorn.Server(config).run(sockets=[door])
        finally:
            hub.stopping.set()
            supervisor.stop()
    database.close()


def _socket(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=256)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise KioskError("input", f"{where}: cannot be listened on ({error.strerror})") from error


@contextmanager
def running(settings: Settings, database: Database) -> Iterator[tuple[Hub, list[Part]]]:
    """The hub of this process: connected, its jobs under way; without HTTP and workers."""
    jobs: list[Jobs] = []
    connected: list[Part] = []

    def on_connected() -> None:
        for each in connected:
            jobs[0].ask(*each.connected)

    bus = PahoBus(settings.broker, on_connected)
    hub = Hub(
        data=settings.data,
        database=database,
        bus=bus,
        signer=keys.command_signer(settings.data / KEYS),
        clock=time.time,
        open_registry=settings.open_registry,
        keep_days=settings.keep_days,
        keep_text_days=settings.keep_text_days,
        keep_kinds=settings.keep_kinds,
        broker=settings.broker,
    )
    found = parts(hub)
    jobs.append(Jobs([job for each in found for job in each.jobs], hub.stopping))
    connected += found
    for each in found:
        for listener in each.listeners:
            bus.listen(listener)
    jobs[0].start()
    bus.start()
    try:
        yield hub, found
    finally:
        hub.stopping.set()
        jobs[0].stop()
        bus.stop()


def open_database(url: str) -> Database:
    """Of the newest revision, and set up; KioskError if it is not."""
    database = Database(url)
    migrate.check(database)
    with database.read() as session:
        announcement.epoch_of(session)
    return database


def application(found: Sequence[Part]) -> Starlette:
    """All routes."""
    return Starlette(
        routes=[route for each in found for route in each.routes],
        exception_handlers={404: _nothing, 405: _nothing},
    )


async def _nothing(request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": f"{request.method} {request.url.path}: no such thing"}, 404)


def _worker_command(settings: Settings) -> list[str]:
    broker = settings.broker
    files = [("--tls-ca", broker.ca), ("--tls-cert", broker.certificate), ("--tls-key", broker.key)]
    return [
        *(sys.executable, "-m", "hub", "worker", "--data", str(settings.data)),
        *("--broker", f"{broker.host}:{broker.port}"),
        *(word for name, path in files if path for word in (name, str(path))),
        "--open" if settings.open_registry else "--closed",
        "--end-with-parent",
    ]
