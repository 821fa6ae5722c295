"""Kill, cut, delay, double, reorder, fill and set back: and nothing is lost, nothing twice.

The short variant of `kiosk simulate --chaos --minutes 10 --database postgresql --hub-workers 2`.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from terminal.ports import LOOPBACK
from terminal.simulate.crowd import PREFIX, Crowd
from terminal.simulate.judge import judge
from terminal.simulate.kiosk import World
from terminal.simulate.simulation import Wanted, simulate
from terminal.simulate.stage import open_stage
from terminal.simulate.stored import stored
from terminal.simulate.tally import Tally
from tests import memory

pytestmark = pytest.mark.broker


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that PostgreSQL's user can get through."""
    with tempfile.TemporaryDirectory(prefix="kiosk-chaos-", dir=memory.folder()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_nothing_is_lost_and_nothing_twice(folder: Path) -> None:
    database = "postgresql"  # SQLite has its own in tests/hub/test_worker.py.
    wanted = Wanted(
        kiosks=20, rate=40, minutes=0.4, chaos=True, workers=2, database=database, devices=3, seed=5
    )
    row, verdict = simulate(wanted, folder, print)
    assert verdict.faults == ()
    assert row["at_rest"]
    assert verdict.sent > 200
    assert verdict.stored >= verdict.acknowledged >= verdict.sent - verdict.dropped
    struck = row["blows"]
    assert isinstance(struck, dict)
    assert sum(struck.values()) >= 4


def test_loss_and_double_that_are_planted_in_the_database_are_found(folder: Path) -> None:
    with open_stage(folder, broker="embedded") as stage:
        tally = Tally()
        world = World(LOOPBACK, stage.port, stage.keys, tally, random.Random(1))
        crowd = Crowd(world, 5)

        async def story() -> None:
            assert await crowd.come(100, 30) == 5
            for kiosk in crowd.kiosks:
                kiosk.happen(60)
            assert await crowd.drain(60) == 0
            await crowd.leave()

        asyncio.run(story())
        url = stage.database
        assert judge(tally.history, stored(url, [PREFIX])).is_clean
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
            database.execute(
                "delete from events where (device, boot, seq) = "
                "(select device, boot, seq from events where kind = 'session' limit 1)"
            )
            columns = "device, at, received, outcome, pack, language, nearest, text, meaning"
            database.execute(
                f"insert into unanswered ({columns}) select {columns} from unanswered limit 1"
            )
        verdict = judge(tally.history, stored(url, [PREFIX]))
        assert (verdict.lost, verdict.duplicated) == (1, 1)
