"""Elder mode (长辈版) on the real page: larger, shorter, one tap in and one tap out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page

from terminal.events import Option, Pressed, Reply, State
from terminal.screen import views
from tests.screen.served import HOME, Kiosk, kiosk
from tests.screen.stage import (
    ANSWER,
    CLARIFY,
    LAPTOP,
    PORTRAIT,
    Stage,
    becomes_true,
    opened,
    text_of,
)

pytestmark = pytest.mark.browser

LANDSCAPE = (1920, 1080)
EIGHT = views.home_message(
    hall="样例市政务服务中心",
    greeting="您好",
    suggestions=[Option(f"gov.a{n}", f"第{n}件事怎么办理") for n in range(8)],
    phone="12345",
    sample=False,
    voice_rate_hz=24_000,
)
FONTS = """() => Object.fromEntries(
  [...document.querySelectorAll("p, h2, h3, dt, dd, button, input, #main span, .legal span")]
    .filter((at) => at.checkVisibility() && at.getBoundingClientRect().width > 1)
    .map((at) => [`${at.tagName}#${at.id}.${at.className} ${at.textContent}`,
                  parseFloat(getComputedStyle(at).fontSize)])
)"""


async def turn_on(served: Kiosk, page: Page, *, elder: bool = True) -> None:
    served.screen.show(views.mode_message(elder=elder))
    mode = "elder" if elder else "usual"
    await becomes_true(page, f"document.documentElement.dataset.mode === '{mode}'")
    await page.wait_for_timeout(450)  # A tap sooner would be taken for a second tap.


def show_answer(served: Kiosk, reply: Reply = ANSWER) -> None:
    served.screen.show(views.state_message(State.SPEAKING, 1))
    served.screen.show(views.reply_message(1, reply))


def test_the_button_is_on_every_screen_and_says_where_it_leads(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            mode = page.locator("#mode")
            for reply in (None, ANSWER, CLARIFY):
                if reply:
                    show_answer(served, reply)
                assert await mode.inner_text() == "长辈版"
                await mode.click()
                await turn_on(served, page)
                assert await mode.inner_text() == "普通版"
                await mode.click()
                await turn_on(served, page, elder=False)
            await served.until(lambda: served.events.count(Pressed("elder")) == 6)

    stage.run(story())


def test_the_end_of_a_visit_brings_the_ordinary_screen_back(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await turn_on(served, page)
            served.screen.show(views.wipe_message())
            await becomes_true(page, "document.documentElement.dataset.mode === 'usual'")
            assert await page.locator("#mode").inner_text() == "长辈版"
            await page.reload()
            await page.wait_for_selector(".suggestion >> nth=5")
            assert await page.locator("#mode").inner_text() == "长辈版"

    stage.run(story())


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, LAPTOP], ids=lambda size: f"{size[0]}")
def test_every_word_is_at_least_a_third_larger(stage: Stage, size: tuple[int, int]) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium(), size) as page:
            for reply in (None, ANSWER, CLARIFY):
                if reply:
                    show_answer(served, reply)
                    await page.wait_for_selector("#answer")
                usual: dict[str, Any] = await page.evaluate(FONTS)
                await turn_on(served, page)
                larger: dict[str, Any] = await page.evaluate(FONTS)
                await turn_on(served, page, elder=False)
                both = usual.keys() & larger.keys()
                assert len(both) >= 10
                small = {
                    at: (usual[at], larger[at]) for at in both if larger[at] < 1.35 * usual[at]
                }
                assert small == {}

    stage.run(story())


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, LAPTOP], ids=lambda size: f"{size[0]}")
def test_four_suggestions_that_need_no_scrolling(stage: Stage, size: tuple[int, int]) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium(), size) as page:
            served.screen.show(EIGHT)
            shown = page.locator(".suggestion:visible")
            await becomes_true(page, "document.querySelectorAll('.suggestion').length === 8")
            assert await shown.count() == 8
            before = await shown.first.bounding_box()
            await turn_on(served, page)
            assert await shown.count() == 4
            assert not await page.locator("#more").is_visible()
            after = await shown.first.bounding_box()
            assert before is not None
            assert after is not None
            assert after["height"] > before["height"]
            assert after["height"] * after["width"] > 1.3 * before["height"] * before["width"]

    stage.run(story())


def test_an_answer_is_short_and_the_rest_one_tap_away(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await turn_on(served, page)
            show_answer(served)
            await page.wait_for_selector("#answer")
            text = await text_of(page, "#answer")
            for kept in (ANSWER.spoken, "一楼A区3号窗口", "本人居民身份证", "更多"):
                assert kept in text
            rest = ("不收费", *ANSWER.steps, "先挂失：拨打 12333。", "多少钱", ANSWER.source)
            assert [words for words in rest if words in text] == []
            await page.click("text=更多")
            await page.wait_for_selector("text=不收费")
            text = await text_of(page, "#answer")
            assert [words for words in rest if words not in text] == []
            assert not await page.locator(".unfold").is_visible()
            # The next answer is short again.
            show_answer(served, replace(ANSWER, title="另一件事"))
            await page.wait_for_selector("text=另一件事")
            assert "不收费" not in await text_of(page, "#answer")

    stage.run(story())


def test_nothing_is_folded_where_there_is_no_rest_nor_in_the_ordinary_mode(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            show_answer(served)
            await page.wait_for_selector("#answer")
            assert not await page.locator(".unfold").is_visible()
            assert ANSWER.steps[0] in await text_of(page, "#answer")
            await turn_on(served, page)
            assert await page.locator(".unfold").is_visible()
            show_answer(served, CLARIFY)
            await page.wait_for_selector(".option >> nth=2")
            assert await page.locator(".unfold").count() == 0
            await page.click(".option >> nth=2")

    stage.run(story())


def test_the_words_of_the_mode_leave_the_suggestions_where_they_are(stage: Stage) -> None:
    """Else the only way back to them would be to end the visit, and the mode with it."""
    words = Reply("command", "好的，字放大了。", "第一行\n第二行", answer_id="control.elder_mode")

    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(HOME)
            await turn_on(served, page)
            served.screen.show(views.reply_message(1, words))
            await page.wait_for_selector("#note:has-text('好的，字放大了。')")
            assert await page.locator(".suggestion:visible").count() == 4

    stage.run(story())


def test_a_second_tap_does_not_press_what_has_moved_under_the_finger(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.mode_message(elder=True))
            await becomes_true(page, "document.documentElement.dataset.mode === 'elder'")
            await page.evaluate("document.querySelector('.staff').click()")
            await page.wait_for_timeout(450)
            await page.click('[data-button="repeat"]')
            await served.until(lambda: Pressed("repeat") in served.events)
            assert Pressed("staff") not in served.events

    stage.run(story())
