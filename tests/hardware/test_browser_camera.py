"""The browser's frames: what is taken, what is refused, and that only the newest waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import cv2
import numpy as np
import pytest

from hardware.base import Shot
from hardware.browser_camera import BrowserCamera, jpeg_size


def jpeg(level: int = 90, width: int = 320, height: int = 240) -> bytes:
    ok, data = cv2.imencode(".jpg", np.full((height, width, 3), level, np.uint8))
    assert ok
    return data.tobytes()


def watched(story: Callable[[BrowserCamera], Awaitable[None]]) -> list[Shot]:
    """Tell a story to a camera that is looked at, and give what was seen."""

    async def main() -> list[Shot]:
        camera = BrowserCamera()
        shots: list[Shot] = []

        async def look() -> None:
            async for shot in camera.shots():
                shots.append(shot)  # noqa: PERF401 - read while the story goes on

        looking = asyncio.create_task(look())
        await asyncio.sleep(0)
        await story(camera)
        camera.close()
        await asyncio.wait_for(looking, 5)
        return shots

    return asyncio.run(main())


def test_frames_become_pictures() -> None:
    async def story(camera: BrowserCamera) -> None:
        for level in (40, 200):
            assert camera.feed(jpeg(level))
            await asyncio.sleep(0.01)

    shots = watched(story)
    assert [shot.picture.shape for shot in shots] == [(240, 320, 3)] * 2
    assert [round(float(shot.picture.mean())) for shot in shots] == [40, 200]
    assert shots[0].at < shots[1].at


def test_only_the_newest_waits() -> None:
    async def story(camera: BrowserCamera) -> None:
        for level in (40, 90, 200):
            camera.feed(jpeg(level))
        assert (camera.received, camera.dropped) == (3, 2)
        await asyncio.sleep(0.01)

    (shot,) = watched(story)
    assert round(float(shot.picture.mean())) == 200


def test_nobody_looking_nothing_is_taken() -> None:
    camera = BrowserCamera()
    assert not camera.feed(jpeg())
    assert camera.received == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"nonsense" * 9, jpeg(width=1300), jpeg(height=1300), jpeg()[:11]],
    ids=["empty", "begun", "nonsense", "wide", "high", "cut"],
)
def test_what_is_no_small_jpeg_is_refused(data: bytes) -> None:
    async def story(camera: BrowserCamera) -> None:
        assert not camera.feed(data)

    assert watched(story) == []


def test_a_jpeg_broken_behind_its_header_is_passed_over() -> None:
    async def story(camera: BrowserCamera) -> None:
        header = jpeg()[:180]
        assert jpeg_size(header) == (320, 240)
        camera.feed(header)
        await asyncio.sleep(0.01)
        camera.feed(jpeg())
        await asyncio.sleep(0.01)

    assert 1 <= len(watched(story)) <= 2


def test_a_tab_that_is_gone_leaves_no_picture() -> None:
    async def story(camera: BrowserCamera) -> None:
        camera.feed(jpeg())
        camera.forget()
        await asyncio.sleep(0.01)

    assert watched(story) == []


@pytest.mark.parametrize("size", [(320, 240), (1, 1), (640, 3)])
def test_the_size_is_read_from_the_header(size: tuple[int, int]) -> None:
    assert jpeg_size(jpeg(width=size[0], height=size[1])) == size
