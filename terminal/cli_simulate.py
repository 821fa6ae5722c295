"""`kiosk simulate`: a whole fleet on this machine."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

CHAOS_DEVICES = 4


def simulate(
    kiosks: Annotated[int, typer.Option(min=1, help="So many.")] = 100,
    rate: Annotated[
        float, typer.Option(min=0, help="Events a second, of all kiosks together.")
    ] = 50,
    minutes: Annotated[float, typer.Option(min=0, help="Of traffic.")] = 1,
    chaos: Annotated[
        bool, typer.Option("--chaos", help="Kill and cut at random meanwhile.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Only the row, on one line.")] = False,
    broker: Annotated[
        str, typer.Option(help="mosquitto, embedded, or auto: Mosquitto where it is installed.")
    ] = "auto",
    hub_workers: Annotated[int, typer.Option(min=1, max=16, help="Processes that store.")] = 1,
    database: Annotated[
        str, typer.Option(help="sqlite, postgresql (one of its own), or a URL.")
    ] = "sqlite",
    devices: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=50,
            help="Besides: kiosks as processes of their own, all real but the models; "
            "else 4 under chaos, and none without.",
        ),
    ] = None,
    storm: Annotated[
        bool, typer.Option(help="In the end, kill the broker and see all come back.")
    ] = True,
    push: Annotated[
        bool, typer.Option(help="In the end, change one answer and see it get to all.")
    ] = True,
    seed: Annotated[int, typer.Option(help="The same seed, the same citizens and blows.")] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Work in this folder, and leave it there.")
    ] = None,
) -> None:
    """A fleet on this machine: broker, hub, many kiosks; what was sent, stored, lost, doubled."""
    from terminal.bench.figures import print_json
    from terminal.simulate.simulation import Wanted, simulate
    from terminal.simulate.tables import show

    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("terminal.sync").setLevel(logging.ERROR)
    count = (CHAOS_DEVICES if chaos else 0) if devices is None else devices
    wanted = Wanted(
        kiosks, rate, minutes, chaos, broker, hub_workers, database, count, seed, storm, push
    )

    def say(what: str) -> None:
        if not as_json:
            print(what, file=sys.stderr, flush=True)

    with (
        _ended_by_signals(),
        tempfile.TemporaryDirectory(prefix="kiosk-simulate-") as temporary,
    ):
        Path(temporary).chmod(0o755)  # PostgreSQL's user must get through.
        row, verdict = simulate(wanted, keep or Path(temporary), say)
    if as_json:
        print_json(row)
    else:
        show(row, verdict)
    if not verdict.is_clean:
        raise typer.Exit(1)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """When all is cleared away: 143 after SIGTERM. Ctrl-C is everybody's."""
    from terminal.simulate import endings

    with endings.sigterm_as_interrupt() as terminated:
        try:
            yield
        except KeyboardInterrupt:
            if terminated.is_set():
                raise typer.Exit(endings.TERMINATED) from None
            raise
