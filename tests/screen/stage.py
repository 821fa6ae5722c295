"""A real Chromium and the real page, for the tests of this folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from playwright.async_api import Browser, Page, async_playwright

from terminal.events import MicrophoneChanged, Option, Reply
from tests.screen.served import HOME, WAIT_S, Kiosk

T = TypeVar("T")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
FAKE_MICROPHONE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
SOUND_ALLOWED = ["--autoplay-policy=no-user-gesture-required"]
KIOSK_BROWSER = FAKE_MICROPHONE + SOUND_ALLOWED

PORTRAIT, LAPTOP = (1080, 1920), (1366, 768)

ANSWER = Reply(
    outcome="answered",
    heard="社保卡丢了怎么办",
    title="社保卡挂失补办",
    spoken="先打12333挂失，再带身份证到一楼A区3号窗口补办，当场就能拿新卡。",
    screen="先挂失：拨打 12333。\n再补办：带身份证到窗口。",
    answer_id="gov.social_card.reissue",
    steps=("电话、手机或窗口挂失", "到窗口提交身份证", "当场制卡领取并激活"),
    materials=("本人居民身份证：原件", "代办人居民身份证（视情况）：原件，由他人代办时提供"),
    facts=(
        ("窗口", "一楼A区3号窗口"),
        ("收费", "不收费"),
        ("办理时间", "周一至周五，上午九点到十二点，下午一点到五点"),
    ),
    aspects=(("fee", "多少钱"), ("time", "要多久"), ("place", "在哪里办")),
    source="《社会保障卡管理办法》（2027年06月前复核）",
)
CLARIFY = Reply(
    outcome="clarify",
    heard="身份证怎么办",
    title="您想问的是哪一个？",
    spoken="您想问的是第一次办身份证，还是身份证丢了补办，还是办临时身份证？",
    screen="请点一下您要问的，或者再说具体一点。",
    options=(
        Option("gov.id_card.first", "第一次办身份证"),
        Option("gov.id_card.reissue", "身份证丢了补办"),
        Option("gov.id_card.temporary", "办临时身份证"),
    ),
)
UNKNOWN = Reply(
    outcome="unknown",
    heard="我家楼上漏水找谁",
    title="我答不了这个问题",
    spoken="这个问题我答不了。您可以打12345咨询，或者点转人工，请工作人员帮您。",
    screen="咨询电话：12345",
)


class Stage:
    """One event loop and its browsers for all tests of this file: each takes seconds to start."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._playwright = self.run(async_playwright().start())
        self._browsers: dict[tuple[str, ...], Browser] = {}

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(story)

    async def chromium(self, *args: str) -> Browser:
        if args not in self._browsers:
            self._browsers[args] = await self._playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*QUIET, *args]
            )
        return self._browsers[args]

    def close(self) -> None:
        for browser in self._browsers.values():
            self.run(browser.close())
        self.run(self._playwright.stop())
        self._runner.close()


@contextlib.asynccontextmanager
async def opened(
    served: Kiosk,
    browser: Browser,
    size: tuple[int, int] = PORTRAIT,
    *,
    script: str = "",
    **options: Any,
) -> AsyncIterator[Page]:
    """The kiosk's page in a fresh profile; complaints of the browser's console are failures."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **options
    )
    complaints: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    if script:
        await page.add_init_script(script)
    served.screen.show(HOME)
    await page.goto(served.url)
    await served.until(lambda: served.screen.open)
    try:
        yield page
    finally:
        await context.close()
    assert [line for line in complaints if "WebSocket connection" not in line] == []


def listening(served: Kiosk) -> bool:
    return MicrophoneChanged("on") in served.events


async def becomes_true(page: Page, expression: str) -> None:
    """Wait for it; the page's own policy forbids playwright's `wait_for_function`."""
    async with asyncio.timeout(WAIT_S):
        while not await page.evaluate(expression):  # noqa: ASYNC110 - the page has no events
            await asyncio.sleep(0.01)


async def text_of(page: Page, selector: str) -> str:
    return " ".join((await page.locator(selector).inner_text()).split())
