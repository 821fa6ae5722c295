"""A loudspeaker: what it is ordered to do, and that its loss holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from hardware.base import Sound
from hardware.device_microphone import DeviceState
from hardware.device_speaker import DeviceSpeaker, converted
from hardware.portaudio import DONE, HUSH, MARK, NUMBER, PAUSE, PLAY, RESUME, TICK
from hardware.sound_process import Lost, Opened
from terminal.virtual_time import run
from tests.hardware.lines import FakeLine, FakePort, Step

SPEECH = Sound(np.full(2400, 1000, np.int16), 24_000)


def ticks(seconds: float, *, stands: bool = False) -> list[Step]:
    steps: list[Step] = []
    for index in range(round(seconds / 0.25)):
        steps += [0.25, (TICK, NUMBER.pack(1 if stands else index))]
    return steps


def bench(
    scene: Callable[[DeviceSpeaker], Awaitable[None]], *lines: FakeLine
) -> list[tuple[DeviceState, float]]:
    """Run a scene beside the speaker; its states and their times."""
    states: list[tuple[DeviceState, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        speaker = DeviceSpeaker(
            FakePort(*lines),
            lambda state, _detail: states.append((state, loop.time())),
            clock=loop.time,
        )
        running = asyncio.create_task(speaker.run())
        await asyncio.sleep(0.01)
        await scene(speaker)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(main())
    return states


def test_the_answer_is_over_when_the_device_says_so() -> None:
    line = FakeLine([], Opened("USB", 48_000, 2, 0.03), quiet_s=None)

    async def scene(speaker: DeviceSpeaker) -> None:
        await speaker.play(1, SPEECH)
        over = asyncio.create_task(speaker.finish(1))
        await asyncio.sleep(1)
        assert not over.done()
        (mark,) = [payload for kind, payload in line.orders if kind == MARK]
        await line_says(line, (DONE, mark))
        await asyncio.wait_for(over, 5)

    assert [state for state, _ in bench(scene, line)] == ["on"]
    kind, payload = line.orders[0]
    assert kind == PLAY
    assert len(payload) == 2 * 2 * 4800


async def line_says(line: FakeLine, packet: tuple[bytes, bytes]) -> None:
    line.given.put_nowait(packet)
    await asyncio.sleep(0)


def test_orders_are_passed_on_and_cancel_releases() -> None:
    line = FakeLine(ticks(10))

    async def scene(speaker: DeviceSpeaker) -> None:
        over = asyncio.create_task(speaker.finish(1))
        await speaker.pause()
        await speaker.resume()
        await asyncio.sleep(0.1)
        assert not over.done()
        await speaker.cancel()
        await asyncio.wait_for(over, 0.1)

    bench(scene, line)
    assert [kind for kind, _ in line.orders if kind != MARK] == [PAUSE, RESUME, HUSH]


@pytest.mark.parametrize(
    "steps",
    [ticks(1), ticks(30, stands=True), [*ticks(1), Lost("Unanticipated host error")]],
    ids=["nothing comes", "asks for no sound", "error"],
)
def test_a_lost_device_ends_the_answer_within_three_seconds(steps: list[Step]) -> None:
    async def scene(speaker: DeviceSpeaker) -> None:
        await speaker.finish(1)
        assert asyncio.get_running_loop().time() <= 1 + 3
        # As long as it is lost, nobody waits.
        await speaker.play(2, SPEECH)
        await speaker.finish(2)
        await speaker.pause()
        await speaker.cancel()
        await asyncio.sleep(1)

    states = bench(scene, FakeLine(steps), FakeLine(ticks(60)))
    assert [state for state, _ in states] == ["on", "lost", "on"]


def test_a_device_that_never_was_there_is_missing() -> None:
    async def scene(speaker: DeviceSpeaker) -> None:
        await speaker.finish(1)
        await asyncio.sleep(30)

    assert [state for state, _ in bench(scene)] == ["missing"]


def test_sound_is_brought_to_the_device_s_rate_on_all_channels() -> None:
    tone = (8000 * np.sin(np.arange(24_000) * 0.1)).astype(np.int16)
    pcm = converted(Sound(tone, 24_000), 44_100, 2)
    assert pcm.shape == (44_100, 2)
    assert pcm.dtype == np.int16
    assert np.array_equal(pcm[:, 0], pcm[:, 1])
    assert np.abs(pcm).max() == pytest.approx(8000, rel=0.02)
