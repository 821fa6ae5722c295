"""A light kiosk fetches a pack; what becomes of one that is not wanted any more."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from fleet.messages import PackName
from terminal.simulate.kiosk import Kiosk
from terminal.simulate.pull import Held, Pull
from terminal.sync import signals as sig

PACK = PackName(id="gov-hall", version=4, digest="0" * 64)


class Mute:
    """A wire to a hub that never answers."""

    sent_bytes = received_bytes = 0

    def publish(self, *_message: object, **_how: object) -> None:
        pass


class Told:
    """A kiosk, as far as a pull sees it."""

    device = "k-1"

    def __init__(self) -> None:
        self.wire: Any = Mute()
        self.events: list[sig.Event] = []

    def handle(self, event: sig.Event) -> None:
        self.events.append(event)


def test_the_kiosk_is_told_that_a_pull_was_stopped() -> None:
    """As by the real installer: it waits for that before it begins with what is desired now."""

    async def story() -> list[sig.Event]:
        kiosk = Told()
        pull = Pull(cast("Kiosk", kiosk), Held(), [])
        pull.begin(sig.Install(1, PACK, rollback=False))
        await asyncio.sleep(0.05)
        assert kiosk.events == []
        pull.stop()
        await asyncio.sleep(0.05)
        return kiosk.events

    (told,) = asyncio.run(story())
    assert isinstance(told, sig.NotInstalled)
    assert (told.version, told.refused) == (1, False)
