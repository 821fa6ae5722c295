"""The page's camera: five small pictures a second, or a calm word why not."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from hardware.base import Shot
from hardware.browser_camera import MARK
from terminal.events import CameraChanged, Typed
from tests.hardware.test_browser_camera import jpeg
from tests.screen.served import HOME, Kiosk, kiosk, run
from tests.screen.stage import KIOSK_BROWSER, Stage, listening, opened, text_of

WATCHED_HOME = {**HOME, "camera": "browser"}
SIGN = "摄像头只看有没有人，不认人、不保存画面"


async def shots_of(served: Kiosk, seconds: float) -> list[Shot]:
    """What the kiosk sees in so many seconds."""
    shots: list[Shot] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for shot in served.screen.link.camera.shots():
                shots.append(shot)  # noqa: PERF401 - what came before the time is up
    return shots


def test_pictures_on_the_socket_reach_the_camera_and_sound_the_microphone() -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            looking = asyncio.create_task(shots_of(served, 0.5))
            await asyncio.sleep(0.05)
            await page.send(MARK + jpeg())
            await page.send(MARK + b"nonsense")
            await page.send((MARK + jpeg(width=16, height=16)).ljust(1024, b"\0")[:1024])
            await page.send('{"type": "camera", "state": "denied"}')
            await page.send('{"type": "camera", "state": "spying"}')
            shots = await looking
        assert [shot.picture.shape for shot in shots] == [(240, 320, 3)]
        assert served.screen.link.microphone.received == 1
        assert served.screen.refused == {"view": 1, "field": 1}
        assert CameraChanged("denied") in served.events

    run(story)


def test_pictures_nobody_wants_and_floods_of_them_are_refused() -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            await page.send(MARK + jpeg())
            for _ in range(40):
                await page.send(MARK + jpeg())
            await page.send(json.dumps({"type": "typed", "text": "还在吗"}))
            await served.until(lambda: Typed("还在吗") in served.events)
        assert served.screen.link.camera.received == 0
        assert served.screen.refused["view"] >= 10
        assert served.screen.refused["rate"] >= 10

    run(story)


@pytest.mark.browser
def test_a_kiosk_browser_sends_five_pictures_a_second(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk(camera=True) as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                permissions=["microphone", "camera"],
            ) as page,
        ):
            served.screen.show(WATCHED_HOME)
            looking = asyncio.create_task(shots_of(served, 5))
            await served.until(lambda: CameraChanged("on") in served.events)
            shots = await looking
            assert 12 <= len(shots) <= 26
            assert {shot.picture.shape for shot in shots} == {(240, 320, 3)}
            assert len({shot.picture.tobytes() for shot in shots}) > 5
            assert shots[0].picture.std() > 10
            assert not served.screen.refused
            assert SIGN in await text_of(page, ".legal")

    stage.run(story())


@pytest.mark.browser
def test_a_kiosk_without_a_camera_never_asks_for_one(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                script="""
                window.asked = [];
                const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
                navigator.mediaDevices.getUserMedia = (wish) => {
                  window.asked.push(Object.keys(wish).join());
                  return get(wish);
                };""",
                permissions=["microphone", "camera"],
            ) as page,
        ):
            await served.until(lambda: listening(served))
            await page.wait_for_timeout(500)
            assert await page.evaluate("window.asked") == ["audio"]
            assert not await page.locator("#camera-sign").is_visible()

    stage.run(story())


@pytest.mark.browser
def test_a_refused_camera_leaves_everything_else(stage: Stage) -> None:
    refuse = """
    const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wish) =>
      wish.video ? Promise.reject(new DOMException("no", "NotAllowedError")) : get(wish);
    """

    async def story() -> None:
        async with (
            kiosk(camera=True) as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                script=refuse,
                permissions=["microphone", "camera"],
            ) as page,
        ):
            served.screen.show(WATCHED_HOME)
            await served.until(lambda: CameraChanged("denied") in served.events)
            await served.until(lambda: listening(served))
            assert not await page.locator("#trouble").is_visible()
            await page.fill("#question", "还能打字吗")
            await page.press("#question", "Enter")
            await served.until(lambda: Typed("还能打字吗") in served.events)

    stage.run(story())


@pytest.mark.browser
def test_an_unplugged_camera_is_reported_and_comes_back(stage: Stage) -> None:
    keeps = """
    const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await get(wish);
      if (wish.video) window.track = stream.getVideoTracks()[0];
      return stream;
    };
    """

    async def story() -> None:
        async with (
            kiosk(camera=True) as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                script=keeps,
                permissions=["microphone", "camera"],
            ) as page,
        ):
            served.screen.show(WATCHED_HOME)
            await served.until(lambda: CameraChanged("on") in served.events)
            await page.evaluate("window.track.dispatchEvent(new Event('ended'))")
            await served.until(lambda: CameraChanged("lost") in served.events)
            await served.until(lambda: served.events.count(CameraChanged("on")) == 2, 8)

    stage.run(story())
