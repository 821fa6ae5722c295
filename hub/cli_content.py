"""`kiosk hub certificates|rotate-root`: what an admin does at the hub's own shell."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", help="The hub's folder: database, keys, content.")]
Root = Annotated[
    Path | None,
    typer.Option(
        "--offline-root", help="Folder of root's keys, on its stick; DATA's if not given."
    ),
]


def certificates(
    data: Data,
    host: Annotated[
        list[str], typer.Option("--host", help="Name or address of the broker; may be repeated.")
    ],
    port: Annotated[int, typer.Option(min=1, max=65_535, help="That kiosks connect to.")] = 8883,
    enrol_port: Annotated[
        int, typer.Option(min=1, max=65_535, help="For kiosks that have no certificate yet.")
    ] = 8885,
) -> None:
    """Make certificates for the broker and the hub's own clients, and note where kiosks connect.

    The first --host is what kiosks are told at enrolment.
    """
    from hub import ca, enrol

    now = time.time()
    ca.make(data, now)
    made = [
        *ca.issue_service(data, "broker", host, now),
        *ca.issue_service(data, "hub.services", (), now),
        *ca.issue_service(data, "enrolment.services", (), now),
    ]
    enrol.say_where(data, host[0], port, enrol_port)
    for path in made:
        typer.echo(path)
    typer.echo(f"Kiosks connect to {host[0]}:{port}. provisioning/mosquitto/README.md goes on.")


def rotate_root(data: Data, offline_root: Root = None) -> None:
    """New keys for all roles of TUF, signed for by root's old key. Kiosks follow by themselves.

    After a key was stolen, or may have been; the hub may run meanwhile.
    """
    from hub.content import FOLDER, Content
    from hub.keys import KEYS, OFFLINE, Keyring
    from hub.repository import Repository

    folder = offline_root or data / OFFLINE
    repository = Repository(Content(data / FOLDER), Keyring(data / KEYS))
    version = repository.rotate_root(Keyring(folder), time.time())
    typer.echo(f"root {version}: in force. {folder} holds its key: back to the safe with it.")
