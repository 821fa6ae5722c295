"""The page's voice: no gaps, an honest end, and silence at once."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.screen.loudspeaker import TAPS, tone
from tests.screen.served import kiosk
from tests.screen.stage import (
    SOUND_ALLOWED,
    Stage,
    becomes_true,
    opened,
)

pytestmark = pytest.mark.browser


def test_pieces_play_without_a_gap_and_the_end_is_reported(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(*SOUND_ALLOWED), script=TAPS) as page,
        ):
            speaker = served.screen.link.speaker
            await becomes_true(page, "window.tap?.context.state === 'running'")
            began = time.monotonic()
            for _ in range(6):
                await speaker.play(5, tone(0.25))
            await becomes_true(page, "window.lowest() > 0.4")
            lowest = await page.evaluate(
                """async () => {
                  let lowest = 1;
                  for (let n = 0; n < 40; n += 1) {
                    lowest = Math.min(lowest, window.lowest());
                    await new Promise((done) => setTimeout(done, 20));
                  }
                  return lowest;
                }"""
            )
            await speaker.finish(5)
            assert lowest > 0.49
            assert 1.5 <= time.monotonic() - began < 2.6
            assert speaker.unreported == 0

    stage.run(story())


def test_two_turns_are_each_reported(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(*SOUND_ALLOWED), script=TAPS) as page,
        ):
            speaker = served.screen.link.speaker
            await becomes_true(page, "window.tap?.context.state === 'running'")
            for turn in (1, 2):
                await speaker.play(turn, tone(0.2, rate_hz=16_000))
                await speaker.finish(turn)
            assert speaker.unreported == 0

    stage.run(story())


def test_a_hush_silences_within_50_ms_and_the_next_turn_is_heard(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(*SOUND_ALLOWED), script=TAPS) as page,
        ):
            speaker = served.screen.link.speaker
            await becomes_true(page, "window.tap?.context.state === 'running'")
            for _ in range(4):
                await speaker.play(1, tone(5))
            finishing = asyncio.create_task(speaker.finish(1))
            await becomes_true(page, "window.lowest() > 0.4")
            await speaker.cancel()
            await asyncio.wait_for(finishing, 1)
            await becomes_true(page, "window.silentAfterMs !== undefined")
            assert await page.evaluate("window.silentAfterMs") < 50
            await page.wait_for_timeout(300)
            assert await page.evaluate("window.level(2048)") == 0
            await speaker.play(2, tone(0.2))
            await becomes_true(page, "window.level(2048) > 0.4")
            await speaker.finish(2)
            assert speaker.unreported == 0

    stage.run(story())


def test_where_sound_is_not_allowed_yet_the_answer_does_not_hang(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium("--autoplay-policy=document-user-activation-required"),
                script=TAPS,
            ) as page,
        ):
            speaker = served.screen.link.speaker
            await page.wait_for_timeout(600)
            await speaker.play(1, tone(5))
            await asyncio.wait_for(speaker.finish(1), 1.5)
            assert speaker.unreported == 0
            await page.click("text=公积金怎么提取")
            await becomes_true(page, "window.tap?.context.state === 'running'")
            await speaker.play(2, tone(0.3))
            await becomes_true(page, "window.level(2048) > 0.4")

    stage.run(story())


def test_a_pause_silences_within_50_ms_and_the_answer_goes_on_where_it_was(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(*SOUND_ALLOWED), script=TAPS) as page,
        ):
            speaker = served.screen.link.speaker
            await becomes_true(page, "window.tap?.context.state === 'running'")
            began = time.monotonic()
            await speaker.play(1, tone(0.8))
            await speaker.play(1, tone(0.4))
            finishing = asyncio.create_task(speaker.finish(1))
            await becomes_true(page, "window.level(128) > 0.4")
            await speaker.pause()
            await becomes_true(page, "window.tap.context.state === 'suspended'")
            at = await page.evaluate("window.tap.context.currentTime")
            await page.mouse.click(5, 5)  # A touch allows sound; it must not end the pause.
            await page.wait_for_timeout(1500)
            assert await page.evaluate("window.tap.context.currentTime") - at < 0.05
            assert not finishing.done()
            await speaker.resume()
            await becomes_true(page, "window.level(128) > 0.4")
            await asyncio.wait_for(finishing, 3)
            assert time.monotonic() - began > 1.5 + 1.2
            assert speaker.unreported == 0

    stage.run(story())


def test_a_hush_in_a_pause_forgets_the_answer_and_the_next_is_heard(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(*SOUND_ALLOWED), script=TAPS) as page,
        ):
            speaker = served.screen.link.speaker
            await becomes_true(page, "window.tap?.context.state === 'running'")
            await speaker.play(1, tone(5))
            await becomes_true(page, "window.level(128) > 0.4")
            await speaker.pause()
            await becomes_true(page, "window.tap.context.state === 'suspended'")
            await speaker.cancel()
            await becomes_true(page, "window.tap.context.state === 'running'")
            await page.wait_for_timeout(300)
            assert await page.evaluate("window.level(2048)") == 0
            await speaker.play(2, tone(0.3))
            await becomes_true(page, "window.level(128) > 0.4")
            await speaker.finish(2)
            assert speaker.unreported == 0

    stage.run(story())
