"""A screen behind the real server, for the tests of this folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from terminal.events import Event, Option
from terminal.screen import views
from terminal.screen.screen import Screen
from terminal.screen.server import create_app, serve

WAIT_S = 20.0
"""Generous: machines that test are busy."""

HOME = views.home_message(
    hall="样例市政务服务中心",
    greeting="您好，我是智能语音助手，请问您要办什么事？",
    suggestions=[
        Option("gov.social_card.reissue", "社保卡丢了怎么补办"),
        Option("gov.retirement", "退休手续怎么办"),
        Option("gov.fund.withdraw", "公积金怎么提取"),
        Option("gov.newborn", "新生儿怎么上户口"),
        Option("gov.elder_card", "老年优待证在哪里办"),
        Option("gov.property_transfer", "二手房过户要带什么"),
    ],
    phone="12345",
    sample=True,
    voice_rate_hz=24_000,
)


class Kiosk:
    """The screen, and what it reported."""

    def __init__(self, url: str, screen: Screen, events: list[Event]) -> None:
        self.url = url
        self.screen = screen
        self.events = events

    @property
    def address(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    def page(self, origin: str | None = None) -> connect:
        """A websocket client in the page's place."""
        own = Origin(origin or self.url.rstrip("/"))
        return connect(f"ws://{self.address}/ws", origin=own, proxy=None, max_size=None)

    async def until(self, true: Callable[[], bool], wait_s: float = WAIT_S) -> None:
        """Return when the condition holds; TimeoutError if it does not in time."""
        async with asyncio.timeout(wait_s):
            while not true():  # noqa: ASYNC110 - a test looks on from outside
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def kiosk(
    ready: Callable[[], bool] = lambda: True,
    port: int = 0,
    *,
    camera: bool = False,
    microphone: bool = True,
) -> AsyncIterator[Kiosk]:
    """Serve a fresh screen while the body runs."""
    events: list[Event] = []
    screen = Screen(events.append)
    report = {"microphone": {"state": "on"}}
    app = create_app(
        screen, ready=ready, camera=camera, microphone=microphone, report=lambda: report
    )
    async with serve(app, "127.0.0.1", port) as url:
        yield Kiosk(url, screen, events)


def run(story: Callable[[Kiosk], Awaitable[None]]) -> None:
    """Tell a story with a fresh kiosk."""

    async def whole() -> None:
        async with kiosk() as served:
            await story(served)

    asyncio.run(whole())


async def receive(page: ClientConnection) -> Any:
    """The next message: an object, or bytes."""
    message = await asyncio.wait_for(page.recv(), WAIT_S)
    return message if isinstance(message, bytes) else json.loads(message)


async def closed(page: ClientConnection) -> int | None:
    """Read to the end; the close code."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(WAIT_S):
            while True:
                await page.recv()
    return page.close_code
