"""`kiosk provision`: field staff's commands, each parsed in a file of its own."""

from __future__ import annotations

import typer

from provisioning import cli_bundle, cli_enrol, cli_install

app = typer.Typer(no_args_is_help=True, help="Set a kiosk up, and keep it up to date.")
app.command()(cli_enrol.enrol)
app.command()(cli_bundle.bundle)
app.command()(cli_bundle.verify)
app.command()(cli_bundle.key)
app.command()(cli_install.update)
app.command()(cli_install.rollback)
app.command()(cli_install.versions)
app.command()(cli_install.uninstall)
