"""Light kiosks over a real broker, before a hub of a few lines."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from fleet import topics
from fleet.messages import Command
from terminal.embedded_broker import EmbeddedBroker
from terminal.ports import free_port
from terminal.simulate.crowd import Crowd
from terminal.simulate.history import EventId
from terminal.simulate.judge import Stored, judge
from terminal.simulate.kiosk import World
from terminal.simulate.proxy import Proxy
from terminal.simulate.tally import Tally
from tests.terminal.simulate.fake_hub import FakeHub

pytestmark = pytest.mark.broker

KIOSKS = 20


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    running = EmbeddedBroker(tmp_path_factory.mktemp("broker"), free_port())
    yield running
    running.stop()


@pytest.fixture
def hub(broker: EmbeddedBroker) -> Iterator[FakeHub]:
    running = FakeHub(broker.port)
    yield running
    running.stop()


def crowd_of(port: int, hub: FakeHub, count: int = KIOSKS, seed: int = 1) -> Crowd:
    world = World("127.0.0.1", port, hub.keys, Tally(), random.Random(seed))
    return Crowd(world, count, seed)


def run(crowd: Crowd, story: Coroutine[Any, Any, None]) -> None:
    async def main() -> None:
        try:
            assert await crowd.come(1000, 20) == len(crowd.kiosks)
            await story
        finally:
            await crowd.leave()

    asyncio.run(main())


def test_everything_is_stored_and_acknowledged(broker: EmbeddedBroker, hub: FakeHub) -> None:
    crowd = crowd_of(broker.port, hub)

    async def story() -> None:
        await crowd.work(rate=400, seconds=2)
        assert await crowd.drain(20) == 0

    run(crowd, story())
    verdict = judge(crowd.world.tally.history, Stored(list(hub.rows), []))
    assert verdict.sent == verdict.acknowledged == verdict.stored > 500
    assert (verdict.lost, verdict.missing, verdict.made_up) == (0, 0, 0)
    assert len(crowd.world.tally.waits_s) == verdict.sent


def test_hub_that_forgets_what_it_acknowledged_is_found_out(broker: EmbeddedBroker) -> None:
    forgetful = FakeHub(broker.port, takes=lambda event: event.seq % 10 != 3)
    crowd = crowd_of(broker.port, forgetful)

    async def story() -> None:
        for kiosk in crowd.kiosks:
            kiosk.happen(5)
        assert await crowd.drain(20) == 0

    run(crowd, story())
    forgetful.stop()
    verdict = judge(crowd.world.tally.history, Stored(list(forgetful.rows), []))
    assert verdict.lost == KIOSKS


def test_births_and_goodbyes(broker: EmbeddedBroker, hub: FakeHub) -> None:
    crowd = crowd_of(broker.port, hub, 3)

    async def story() -> None:
        assert await crowd.until(lambda: len(hub.states) == 3, 30)

    run(crowd, story())
    assert {state.device for state in hub.states} == {"sim-00001", "sim-00002", "sim-00003"}
    assert all(state.online and state.boot for state in hub.states)


def test_command_is_done_once_however_often_it_comes(broker: EmbeddedBroker, hub: FakeHub) -> None:
    crowd = crowd_of(broker.port, hub, 1)
    command = Command(device="sim-00001", id="c1", kind="volume", by="admin")
    signed = hub.signer.sign("cmd", command, time.time(), 60)

    async def story() -> None:
        for _ in range(3):
            hub.tell(topics.down("sim-00001", "cmd"), signed)
        assert await crowd.until(lambda: len(hub.rows) >= 1 and len(hub.results) >= 4, 30)

    run(crowd, story())
    assert [result.status for result in hub.results].count("accepted") == 1
    assert list(hub.rows.values()) == ["audit"]


def test_another_hubs_word_is_not_believed(broker: EmbeddedBroker, hub: FakeHub) -> None:
    stranger = FakeHub(broker.port)
    hub.client.stop()
    crowd = crowd_of(broker.port, hub, 1)

    async def story() -> None:
        crowd.kiosks[0].happen(3)
        assert await crowd.until(lambda: bool(stranger.rows), 30)
        await asyncio.sleep(0.5)
        assert crowd.waiting >= 3

    run(crowd, story())
    stranger.stop()


def test_bad_network_loses_and_doubles_nothing(broker: EmbeddedBroker, hub: FakeHub) -> None:
    crowd = crowd_of(free_port(), hub)

    async def story() -> None:
        proxy = Proxy(crowd.world.port, broker.port, random.Random(7))
        await proxy.start()
        try:
            assert await crowd.come(1000, 20) == KIOSKS
            proxy.weather.twice, proxy.weather.reorder, proxy.weather.delay_s = 0.3, 0.3, 0.02
            await crowd.work(rate=300, seconds=2)
            proxy.cut()
            await crowd.work(rate=100, seconds=1)
            proxy.weather.clear()
            assert await crowd.drain(60) == 0
            assert proxy.doubled > 20
            assert proxy.reordered > 20
        finally:
            await crowd.leave()
            await proxy.stop()

    asyncio.run(story())
    stored = Stored([EventId(*event) for event in hub.rows], [])
    verdict = judge(crowd.world.tally.history, stored)
    assert verdict.sent == verdict.acknowledged == verdict.stored > 300
    assert len(crowd.world.tally.losses) >= KIOSKS
