"""How a start goes about the fleet: as its member, only telling it what is wrong, or alone."""

from __future__ import annotations

import asyncio
from functools import partial

from terminal.config import Settings
from terminal.errors import KioskError
from terminal.membership import Membership
from terminal.starting import Start


async def membership_of(settings: Settings, start: Start) -> Membership | None:
    """None where there is no fleet; with a count of starts, also where it cannot be had."""
    if settings.hub is None or (start.starts is not None and start.starts.is_alone):
        return None
    why = start.told[0] if start.mode != "normal" else ""
    make = partial(Membership, settings, settings.hub, start.mode, why=why)
    try:
        member = await asyncio.to_thread(make)
    except Exception as error:
        if start.starts is None or not (isinstance(error, KioskError) or start.mode == "bare"):
            raise
        said = (
            error.message if isinstance(error, KioskError) else f"{type(error).__name__}: {error}"
        )
        start.tell(f"without its hub: {said}")
        return None
    if member.pack_trouble:
        start.tell(member.pack_trouble)
    return member


def let_announce(member: Membership, start: Start) -> None:
    """The hub hears of a kiosk that cannot serve, and of one that serves without it."""
    start.again = member.restart
    start.on_closed = partial(member.announce, serves=False)
    if start.mode == "bare":
        served = start.on_served

        def serves() -> None:
            served()
            member.announce(start.told[0], serves=True)

        start.on_served = serves
