"""Commands over HTTP, and the sender that carries them to kiosks."""

from __future__ import annotations

from pydantic import ConfigDict

from fleet import topics
from hub import commands, selection
from hub.bus import Listener
from hub.commands import Order, Sender
from hub.context import Hub, Job, Part
from hub.selection import Selection
from hub.web import Asked, Json, endpoint

MAX_LISTED = 1000


class Wanted(Order):
    """A command to some kiosks, as an operator asks for it."""

    model_config = ConfigDict(extra="forbid")

    select: Selection


def part(hub: Hub) -> Part:
    """POST and GET /commands; the sender's job and listener."""
    sender = Sender(hub)

    def give_command(asked: Asked) -> Json:
        wanted = asked.read(Wanted)
        with hub.database.write() as session:
            devices = selection.devices(session, wanted.select)
            ids = commands.give(session, devices, wanted, asked.who, hub.clock())
        asked.target = f"{wanted.kind} to {len(ids)}"
        return {"commands": ids}

    def list_commands(asked: Asked) -> Json:
        device, command = asked.query.get("device", ""), asked.query.get("id", "")
        limit = int(asked.number("limit", 200, 1, MAX_LISTED))
        with hub.database.read() as session:
            return {"commands": commands.rows(session, device, command, limit)}

    return Part(
        routes=[
            endpoint(hub, "POST", "/commands", "operator", give_command),
            endpoint(hub, "GET", "/commands", "viewer", list_commands),
        ],
        jobs=[Job("commands", commands.EVERY_S, sender.run)],
        listeners=[Listener(f"{topics.ROOT}/d/+/up/cmd", sender.handle)],
    )
