"""Out of service by the hub's command: over a restart too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fleet.messages import Command
from knowledge import pack as packs
from terminal.events import Event, ServiceChanged
from terminal.health import Health
from terminal.sources import sources
from tests.terminal.test_membership_pack import member

GOV = packs.load(packs.BUILT_IN / "gov-hall")


class SomeRunner:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def post(self, event: Event) -> None:
        self.told.append(event)


def started(state: Path, *kinds: str, **args: Any) -> list[Event]:
    """What a kiosk is told that starts, and is then given these commands."""

    async def story() -> list[Event]:
        runner: Any = SomeRunner()
        build: Any = None
        said: list[str] = []
        with member(state) as joined:
            health = Health(sources(joined.settings), 0.0)
            joined.join(runner, GOV, health, build, lambda *_: None)
            for kind in kinds:
                body = {"device": "one", "id": kind, "kind": kind, "by": "anna", "args": args}
                joined.run(Command.model_validate(body), lambda status, _: said.append(status))
        assert said == ["done"] * len(kinds)
        told: list[Event] = runner.told
        return told

    return asyncio.run(story())


@pytest.mark.parametrize("reason", ["", "停电检修。", "1号机检修。"])
def test_it_stays_closed_and_says_why(tmp_path: Path, reason: str) -> None:
    closed = ServiceChanged(on=False, reason=reason)
    assert started(tmp_path, "out_of_service", reason=reason) == [closed]
    assert started(tmp_path, "in_service") == [closed, ServiceChanged(on=True)]
    assert started(tmp_path) == []
