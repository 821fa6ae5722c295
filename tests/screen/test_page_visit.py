"""What the page keeps of a visit, and what it does when the kiosk is away."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from terminal.dialogue import printing
from terminal.events import (
    Chosen,
    MicrophoneChanged,
    Option,
    Pressed,
    Rated,
    ScreenClosed,
    State,
)
from terminal.notices import PRINTER
from terminal.screen import views
from tests.screen.loudspeaker import TAPS, tone
from tests.screen.served import HOME, kiosk
from tests.screen.stage import (
    ANSWER,
    CLARIFY,
    KIOSK_BROWSER,
    SOUND_ALLOWED,
    Stage,
    becomes_true,
    listening,
    opened,
    text_of,
)

pytestmark = pytest.mark.browser


def test_a_wipe_leaves_no_word_in_the_document(stage: Stage) -> None:
    secret = "机密词语"
    reply = replace(
        ANSWER,
        heard=secret,
        title=secret,
        spoken=secret,
        screen=f"{secret}\n另一行",
        steps=(secret,),
        materials=(secret,),
        facts=((secret, secret),),
        aspects=(("fee", secret),),
        options=(Option("gov.a.b", secret),),
        source=secret,
    )

    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(*SOUND_ALLOWED), script=TAPS) as page,
        ):
            await becomes_true(page, "window.tap?.context.state === 'running'")
            served.screen.show(views.caption_message(1, secret))
            served.screen.show(views.reply_message(1, reply))
            served.screen.show(views.note_message(secret))
            await served.screen.link.speaker.play(1, tone(9))
            await page.fill("#question", secret)
            await becomes_true(page, "window.level(2048) > 0.4")
            assert (await page.content()).count(secret) >= 10
            served.screen.show(views.wipe_message())
            await page.wait_for_selector("#home")
            await page.wait_for_timeout(100)
            assert secret not in await page.content()
            assert await page.input_value("#question") == ""
            await page.focus("#question")
            await page.keyboard.press("Control+z")
            assert await page.input_value("#question") == ""
            assert await page.evaluate("window.level(2048)") == 0
            kept = "[localStorage.length, sessionStorage.length, document.cookie, history.length]"
            assert await page.evaluate(kept) == [0, 0, "", 2]

    stage.run(story())


def test_a_lost_kiosk_is_waited_for_and_the_page_comes_back(stage: Stage) -> None:
    async def story() -> None:
        async with contextlib.AsyncExitStack() as pages:
            async with kiosk() as served:
                port = urlsplit(served.url).port or 0
                page = await pages.enter_async_context(opened(served, await stage.chromium()))
                served.screen.show(views.reply_message(1, ANSWER))
                await page.wait_for_selector("#answer")
            await page.wait_for_selector("text=正在重新连接")
            assert await page.evaluate("document.getElementById('main').inert")
            async with kiosk(port=port) as served:
                await served.until(lambda: served.screen.open, 10)
                served.screen.show(HOME)
                await page.wait_for_selector("#overlay", state="hidden")
                assert not await page.locator("#answer").is_visible()
                assert ANSWER.spoken not in await page.content()
                await page.click("text=新生儿怎么上户口")
                await served.until(lambda: Chosen("gov.newborn") in served.events)
                await pages.aclose()

    stage.run(story())


def test_a_visit_is_rated_once_and_the_next_may_rate_again(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.reply_message(1, ANSWER))
            assert await page.locator(".grade").all_inner_texts() == [
                "非常满意",
                "满意",
                "基本满意",
                "不满意",
                "非常不满意",
            ]
            await page.click("text=基本满意")
            await served.until(lambda: Rated(3) in served.events)
            await page.wait_for_selector("text=谢谢您的评价")
            served.screen.show(views.reply_message(2, ANSWER))
            await page.wait_for_selector(".rating", state="detached")
            served.screen.show(views.wipe_message())
            served.screen.show(views.reply_message(3, ANSWER))
            await page.click("text=非常不满意")
            await served.until(lambda: Rated(1) in served.events)

    stage.run(story())


def test_a_reload_shows_the_answer_again(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.state_message(State.SPEAKING, 1))
            served.screen.show(views.reply_message(1, ANSWER))
            await page.wait_for_selector("#answer")
            await page.reload()
            await page.wait_for_selector("#answer")
            assert await text_of(page, ".spoken") == ANSWER.spoken
            assert await text_of(page, "#word") == "正在说"

    stage.run(story())


def test_a_second_tab_takes_over_and_the_first_says_so(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served, await stage.chromium(*KIOSK_BROWSER), permissions=["microphone"]
            ) as first,
        ):
            await served.until(lambda: listening(served))
            second = await first.context.new_page()
            await second.goto(served.url)
            await first.wait_for_selector("text=已在另一个页面打开")
            await served.until(lambda: served.events.count(MicrophoneChanged("on")) == 2)
            assert await first.evaluate("document.body.dataset.microphone") == "off"
            await first.click("#take-over")
            await second.wait_for_selector("text=已在另一个页面打开")
            assert served.events.count(ScreenClosed()) == 2

    stage.run(story())


def test_out_of_service_offers_nothing_but_other_ways(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await page.wait_for_selector(".suggestion")
            served.screen.show(views.wipe_message())
            served.screen.show(HOME)
            served.screen.show(views.state_message(State.OUT_OF_SERVICE, 3))
            await page.wait_for_selector(".suggestion", state="hidden")
            assert await text_of(page, "#word") == "暂停服务"
            assert "12345" in await text_of(page, "#hint")
            await page.reload()
            await becomes_true(page, "document.body.dataset.state === 'out_of_service'")
            assert "12345" in await text_of(page, "#hint")
            served.screen.show(views.state_message(State.OUT_OF_SERVICE, 3, "<b>停电</b>检修。"))
            await becomes_true(page, "document.querySelector('#hint').textContent[0] === '<'")
            assert await text_of(page, "#hint") == (
                "<b>停电</b>检修。请到人工窗口办理，或者拨打 12345"
            )
            for width, height in ((1024, 600), (600, 1000)):
                await page.set_viewport_size({"width": width, "height": height})
                assert await page.locator("#hint").is_visible()
                assert not await page.locator("#greeting").is_visible()
                await page.locator("#more").wait_for(state="hidden")
            served.screen.show(views.state_message(State.IDLE, 4))
            await page.wait_for_selector(".suggestion")
            assert "12345" not in await text_of(page, "#hint")

    stage.run(story())


def test_a_list_is_offered_on_paper_where_there_is_a_printer(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.reply_message(1, ANSWER))
            await page.locator(".materials").wait_for(state="visible")
            assert await page.locator(".print").count() == 0
            served.screen.show({**HOME, "printer": True})
            served.screen.show(views.reply_message(1, CLARIFY))
            await page.locator(".options").wait_for(state="visible")
            assert await page.locator(".print").count() == 0
            served.screen.show(views.reply_message(2, ANSWER))
            button = page.locator(".print")
            assert await button.inner_text() == "打印材料清单"
            await button.click()
            await served.until(lambda: Pressed("print") in served.events)
            served.screen.show(
                views.reply_message(3, replace(printing.REPLY, spoken=PRINTER["ready"]))
            )
            await page.get_by_text("请从出纸口取走").wait_for(state="visible")
            assert await page.locator(".materials").is_visible()

    stage.run(story())
