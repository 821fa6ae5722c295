"""`kiosk demo`: everything on this machine, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from terminal.config import load

PROFILE = "browser"


def demo(
    pack: Annotated[str | None, typer.Option(help="gov-hall, bank-hall, or a folder.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve the page on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve the page on.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings, a TOML file.")] = None,
    profile: Annotated[
        str, typer.Option(help="Board: browser, x86, raspberrypi5, jetson-orin, or a TOML file.")
    ] = PROFILE,
    state: Annotated[
        Path | None, typer.Option(help="Folder of its state; else in the user's cache.")
    ] = None,
    hub_port: Annotated[
        int | None, typer.Option(help="Of the hub's API; else 8090, or any that is free.")
    ] = None,
    trace: Annotated[bool, typer.Option(help="Print every event and command.")] = False,
) -> None:
    """Broker, hub, one kiosk and its page, on this machine; `kiosk fleet` commands it."""
    from fleet.folders import demo_folder
    from terminal import demo

    settings = load(config, profile)
    screen = settings.screen.model_copy(
        update={k: v for k, v in (("host", host), ("port", port)) if v is not None}
    )
    whole = settings.model_copy(update={"pack": pack or settings.pack, "screen": screen})
    demo.run(whole, state or demo_folder(), hub_port, trace=trace)
