"""`kiosk bench …`: programs that measure, and print what they measured."""

from __future__ import annotations

import typer

app = typer.Typer(help="Measure this kiosk on this machine.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure this kiosk on this machine."""
