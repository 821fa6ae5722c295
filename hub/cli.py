"""`kiosk hub`: set up a hub, run it, and look after its database and its users."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from fleet.errors import KioskError
from hub import cli_content

# What is imported here is imported by every `kiosk` command: the rest is where it is used.
app = typer.Typer(help="The cloud hub of a fleet of kiosks.", no_args_is_help=True)
user_app = typer.Typer(help="Who may use the hub's API.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.command()(cli_content.certificates)
app.command()(cli_content.rotate_root)

Data = Annotated[Path, typer.Option("--data", help="The hub's folder: database, keys, content.")]
Keep = Annotated[
    list[str] | None,
    typer.Option(help="KIND=DAYS: this kind of events is kept longer or shorter; more than once."),
]
DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="KIOSK_HUB_DATABASE",
        help="postgresql://USER@HOST/NAME; SQLite in the hub's folder if not given.",
    ),
]
BrokerAddress = Annotated[str, typer.Option("--broker", help="HOST:PORT of the MQTT 5 broker.")]
TlsCa = Annotated[
    Path | None, typer.Option("--tls-ca", help="PEM of the broker's authority: speak TLS.")
]
TlsCert = Annotated[
    Path | None, typer.Option("--tls-cert", help="PEM of the hub's own certificate.")
]
TlsKey = Annotated[Path | None, typer.Option("--tls-key", help="PEM of its key.")]
Open = Annotated[
    bool | None,
    typer.Option(
        "--open/--closed",
        help="Take in kiosks that nobody enrolled, or do not. Open only without TLS, if not given.",
    ),
]
HERE = "127.0.0.1:1883"
for each in ("alembic", "uvicorn"):
    # What they tell of themselves is of no use to who runs a hub.
    logging.getLogger(each).setLevel(logging.WARNING)


@app.command()
def init(data: Data, database: DatabaseUrl = "") -> None:
    """Make a hub's folder, keys and database; print the first admin's token, once."""
    from hub import setup
    from hub.settings import Settings

    settings = Settings(data, database=database)
    token = setup.init(data, settings.url, time.time())
    typer.echo(f"Hub set up in {data}.")
    offline = data / "offline-root"
    if offline.is_dir():
        typer.echo(f"Move {offline} to a stick in a safe: it signs new roots of trust.")
    typer.echo("Token of user admin, shown only now:")
    typer.echo(token)


@app.command()
def serve(
    data: Data,
    broker: BrokerAddress = HERE,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    database: DatabaseUrl = "",
    workers: Annotated[int, typer.Option(min=0, max=64, help="Processes that take events.")] = 1,
    host: Annotated[str, typer.Option(help="Address of the HTTP API.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the HTTP API; 0: any.")] = 8090,
    http_cert: Annotated[
        Path | None, typer.Option(help="PEM of the HTTP API's certificate: speak HTTPS.")
    ] = None,
    http_key: Annotated[Path | None, typer.Option(help="PEM of its key.")] = None,
    open_: Open = None,
    keep_days: Annotated[float, typer.Option(min=1, help="Days that events are kept.")] = 180,
    keep_text_days: Annotated[
        float, typer.Option(min=0, help="Days that texts of citizens are kept.")
    ] = 30,
    keep: Keep = None,
) -> None:
    """Run the hub: workers, registry, content, HTTP API."""
    from hub import retention
    from hub import settings as parsing

    address = parsing.broker(broker, tls_ca, tls_cert, tls_key)
    parsing.check_pair(http_cert, http_key, "--http-cert and --http-key")
    settings = parsing.Settings(
        data=data,
        broker=address,
        database=database,
        workers=workers,
        host=host,
        port=port,
        certificate=http_cert,
        key=http_key,
        open_registry=_is_open(open_, address.secure),
        keep_days=keep_days,
        keep_text_days=keep_text_days,
        keep_kinds=retention.kinds(keep or []),
    )
    _count_in(data, new=True)
    from hub.serve import serve as run

    run(settings)


@app.command()
def worker(
    data: Data,
    broker: BrokerAddress = HERE,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    database: DatabaseUrl = "",
    open_: Open = None,
    end_with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run one more worker, here or on another machine: events into the database."""
    from hub import settings as parsing

    settings = parsing.Settings(
        data=data, broker=parsing.broker(broker, tls_ca, tls_cert, tls_key), database=database
    )
    _count_in(data, new=False)
    from hub import keys, serve, supervisor
    from hub import worker as working

    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    if end_with_parent:
        supervisor.when_parent_ends(sys.stdin.buffer, stopping)
    working.run(
        serve.open_database(settings.url),
        settings.broker,
        keys.command_signer(data / serve.KEYS),
        stopping,
        _is_open(open_, settings.broker.secure),
    )


@app.command()
def migrate(data: Data, database: DatabaseUrl = "") -> None:
    """Bring the database to this program's revision. Safe while the hub runs."""
    from hub import migrate as migrating
    from hub.database import Database
    from hub.settings import Settings

    opened = Database(Settings(data, database=database).url)
    typer.echo(f"database: revision {migrating.upgrade(opened)}")
    opened.close()


@app.command()
def restored(data: Data, database: DatabaseUrl = "") -> None:
    """Say that the database was restored from a copy: kiosks send again what they still hold."""
    from hub import announcement
    from hub.database import Database
    from hub.settings import Settings

    opened = Database(Settings(data, database=database).url)
    with opened.write() as session:
        typer.echo(f"epoch: {announcement.make_epoch(session, time.time())}")
    opened.close()


@app.command()
def forget(
    data: Data,
    database: DatabaseUrl = "",
    keep_days: Annotated[float, typer.Option(min=0, help="Days that events are kept.")] = 180,
    keep_text_days: Annotated[
        float, typer.Option(min=0, help="Days that texts of citizens are kept.")
    ] = 30,
    keep: Keep = None,
) -> None:
    """Delete what is kept no longer, now; the hub does so daily."""
    from hub import retention
    from hub.database import Database
    from hub.settings import Settings

    opened = Database(Settings(data, database=database).url)
    wanted = retention.Keep(keep_days, keep_text_days, retention.kinds(keep or []))
    found = retention.forget(opened, wanted, time.time())
    typer.echo(", ".join(f"{count} {what}" for what, count in found.items()))
    opened.close()


@user_app.command("add")
def add_user(
    name: str,
    data: Data,
    role: Annotated[str, typer.Option(help="viewer, operator, publisher or admin.")] = "viewer",
    database: DatabaseUrl = "",
) -> None:
    """Make a user; print the token, once."""
    from hub import audit, users
    from hub.serve import open_database
    from hub.settings import Settings

    opened = open_database(Settings(data, database=database).url)
    with opened.write() as session:
        token = users.add(session, name, role, time.time())
        audit.note(session, time.time(), "shell", "add-user", name, role)
    opened.close()
    typer.echo(token)


@user_app.command("ls")
def list_users(data: Data, database: DatabaseUrl = "") -> None:
    """Names and roles."""
    from hub import users
    from hub.serve import open_database
    from hub.settings import Settings

    opened = open_database(Settings(data, database=database).url)
    with opened.read() as session:
        for each in users.everybody(session):
            typer.echo(f"{each.name}\t{each.role}")
    opened.close()


@user_app.command("rm")
def remove_user(name: str, data: Data, database: DatabaseUrl = "") -> None:
    """Take a user's access away, at once."""
    from hub import audit, users
    from hub.serve import open_database
    from hub.settings import Settings

    opened = open_database(Settings(data, database=database).url)
    with opened.write() as session:
        users.remove(session, name)
        audit.note(session, time.time(), "shell", "remove-user", name)
    opened.close()


def _is_open(asked: bool | None, secure: bool) -> bool:
    return not secure if asked is None else asked


def _count_in(data: Path, *, new: bool) -> None:
    """Where all processes of the hub count for /metrics: before anything that counts is loaded."""
    if not data.is_dir():
        raise KioskError("input", f"{data}: no such folder; make it by kiosk hub init")
    folder = data / "metrics"
    if new:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
