"""The `kiosk fleet` commands, put together."""

from __future__ import annotations

import typer

from hub.console import kiosks, orders, packs, reports

app = typer.Typer(
    no_args_is_help=True,
    help="The fleet, through its hub. Access: the TOML file named by KIOSK_HUB_ADMIN.",
)
app.command("ls")(kiosks.ls)
app.command()(kiosks.show)
app.command()(kiosks.watch)
app.command()(kiosks.label)
app.command("set")(kiosks.configure)
app.command()(kiosks.revoke)
app.command()(packs.push)
app.command()(packs.publish)
app.command()(packs.packs)
app.add_typer(packs.rollout_app, name="rollout")
app.command()(packs.rollback)
app.command()(orders.cmd)
app.command("enrol-token")(orders.enrol_token)
app.command()(reports.events)
app.command()(reports.tickets)
app.command()(reports.unanswered)
app.command()(reports.audit)
