"""Waiting costs nothing, and order is kept."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from terminal.virtual_time import InlineExecutor, run


def test_an_hour_passes_at_once() -> None:
    async def story() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert run(story()) == pytest.approx(3600)
    assert time.monotonic() - began < 30


def test_time_stands_still_while_there_is_work() -> None:
    async def story() -> float:
        loop = asyncio.get_running_loop()
        for _ in range(1000):
            await asyncio.sleep(0)
        return loop.time()

    assert run(story()) == 0.0


def test_timers_fire_in_order_and_at_their_time() -> None:
    fired: list[tuple[str, float]] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        for name, after in (("c", 3.0), ("a", 0.001), ("b", 2.999), ("never", 1e6)):
            loop.call_later(after, lambda it: fired.append((it, loop.time())), name)
        await asyncio.sleep(5)

    run(story())
    assert [name for name, _ in fired] == ["a", "b", "c"]
    assert [at for _, at in fired] == pytest.approx([0.001, 2.999, 3.0])


def test_two_sleepers_interleave_as_they_would() -> None:
    seen: list[str] = []

    async def sleeper(name: str, step_s: float) -> None:
        for _ in range(3):
            await asyncio.sleep(step_s)
            seen.append(name)

    async def story() -> None:
        await asyncio.gather(sleeper("slow", 1.0), sleeper("fast", 0.4))

    run(story())
    assert seen == ["fast", "fast", "slow", "fast", "slow", "slow"]


def test_each_run_begins_at_zero() -> None:
    async def now() -> float:
        return asyncio.get_running_loop().time()

    assert run(now()) == run(now()) == 0.0


def test_a_thread_can_wake_the_loop() -> None:
    async def story() -> str:
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[str] = loop.create_future()
        thread = threading.Thread(
            target=lambda: loop.call_soon_threadsafe(woken.set_result, "awake")
        )
        thread.start()
        result = await woken
        thread.join()
        return result

    assert run(story()) == "awake"


def test_what_is_ready_to_be_read_comes_before_a_timer() -> None:
    async def story() -> float:
        loop = asyncio.get_running_loop()
        here, there = socket.socketpair()
        with here, there:
            there.send(b"x")
            read = asyncio.Event()
            loop.add_reader(here, read.set)
            async with asyncio.timeout(100):
                await read.wait()
            loop.remove_reader(here)
        return loop.time()

    assert run(story()) == 0.0


def test_an_error_comes_out() -> None:
    async def story() -> None:
        raise ValueError("as it should")

    with pytest.raises(ValueError, match="as it should"):
        run(story())


def test_the_inline_executor_works_in_the_callers_thread_at_once() -> None:
    future = InlineExecutor().submit(threading.get_ident)
    assert future.done()
    assert future.result() == threading.get_ident()


def test_the_inline_executor_hands_on_errors() -> None:
    def broken() -> None:
        raise ValueError("as it should")

    future = InlineExecutor().submit(broken)
    with pytest.raises(ValueError, match="as it should"):
        future.result()
