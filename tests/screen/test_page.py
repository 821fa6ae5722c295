"""Questions and answers on the real page in a real Chromium."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from terminal.events import (
    Button,
    Chosen,
    Pressed,
    Reply,
    State,
    Typed,
)
from terminal.screen import views
from tests.screen.served import kiosk
from tests.screen.stage import (
    ANSWER,
    CLARIFY,
    LAPTOP,
    UNKNOWN,
    Stage,
    becomes_true,
    opened,
    text_of,
)

BUTTONS: list[Button] = ["repeat", "slower", "louder", "elder", "stop", "staff", "home"]


pytestmark = pytest.mark.browser


def test_a_typed_question_leads_to_the_shown_answer(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await page.fill("#question", "社保卡丢了怎么办")
            await page.press("#question", "Enter")
            await served.until(lambda: Typed("社保卡丢了怎么办") in served.events)
            assert await page.input_value("#question") == ""
            served.screen.show(views.state_message(State.THINKING, 1))
            await page.wait_for_selector("text=正在想")
            served.screen.show(views.reply_message(1, ANSWER))
            await page.wait_for_selector("#answer")
            assert await text_of(page, ".title") == ANSWER.title
            assert await text_of(page, ".spoken") == ANSWER.spoken
            assert await text_of(page, "#caption") == ANSWER.heard
            steps = page.locator("ol.steps li")
            assert await steps.all_inner_texts() == list(ANSWER.steps)
            assert await page.locator(".materials li").count() == len(ANSWER.materials)
            assert "一楼A区3号窗口" in await text_of(page, ".facts")
            assert "先挂失：拨打 12333。" in await text_of(page, ".details")
            assert ANSWER.source in await text_of(page, ".source")

    stage.run(story())


def test_the_button_asks_too_and_nothing_is_asked_with_nothing_typed(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await page.fill("#question", "   ")
            await page.click(".send")
            await page.fill("#question", "几点下班")
            await page.click(".send")
            await served.until(lambda: Typed("几点下班") in served.events)
            assert not served.screen.refused
            assert sum(isinstance(event, Typed) for event in served.events) == 1

    stage.run(story())


def test_taps_become_choices_and_presses(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await page.click("text=退休手续怎么办")
            served.screen.show(views.reply_message(1, CLARIFY))
            await page.click("text=身份证丢了补办")
            served.screen.show(views.reply_message(2, ANSWER))
            await page.click("text=多少钱")
            for button in BUTTONS:
                await page.click(f'[data-button="{button}"]')
            await served.until(lambda: Pressed("home") in served.events)
            assert [event for event in served.events if isinstance(event, Chosen | Pressed)] == [
                Chosen("gov.retirement"),
                Chosen("gov.id_card.reissue"),
                Chosen("gov.social_card.reissue", "fee"),
                *[Pressed(button) for button in BUTTONS],
            ]

    stage.run(story())


def test_a_shaking_finger_presses_once(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await page.dblclick('[data-button="staff"]')
            await page.click('[data-button="repeat"]')
            await served.until(lambda: Pressed("repeat") in served.events)
            assert served.events.count(Pressed("staff")) == 1

    stage.run(story())


@pytest.mark.parametrize("outcome", ["unknown", "refused", "empty"])
def test_where_there_is_no_answer_staff_are_one_tap_away(stage: Stage, outcome: Any) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.reply_message(1, replace(UNKNOWN, outcome=outcome)))
            await page.click("text=请工作人员帮忙")
            await served.until(lambda: Pressed("staff") in served.events)
            assert await text_of(page, ".spoken") == UNKNOWN.spoken

    stage.run(story())


def test_a_short_acknowledgement_does_not_push_the_answer_away(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.reply_message(1, ANSWER))
            served.screen.show(views.reply_message(2, Reply("command", "好的，慢一点。", "")))
            await page.wait_for_selector("#note:has-text('好的，慢一点。')")
            assert await text_of(page, ".spoken") == ANSWER.spoken

    stage.run(story())


def test_the_caption_follows_the_speaker_and_goes_with_the_next_question(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.state_message(State.LISTENING, 1))
            served.screen.show(views.caption_message(1, "社保"))
            served.screen.show(views.caption_message(1, "社保卡丢了"))
            served.screen.show(views.state_message(State.THINKING, 1))
            await page.wait_for_selector("text=正在想")
            assert await text_of(page, "#caption") == "社保卡丢了"
            served.screen.show(views.state_message(State.THINKING, 2))
            await becomes_true(page, "document.getElementById('caption').textContent === ''")

    stage.run(story())


def test_markup_in_words_stays_words(stage: Stage) -> None:
    evil = '<img src=x onerror="document.title=1"><b>粗</b>'
    reply = replace(
        ANSWER,
        heard=evil,
        title=evil,
        spoken=evil,
        screen=f"{evil}\n另一行",
        steps=(evil,),
        materials=(evil,),
        facts=((evil, evil),),
        aspects=(("fee", evil),),
        source=evil,
    )

    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            served.screen.show(views.note_message(evil))
            served.screen.show(views.reply_message(1, reply))
            await page.wait_for_selector("#answer")
            assert await text_of(page, ".spoken") == evil
            assert await page.locator("img, #answer b").count() == 0
            assert await page.title() == "智能语音助手"

    stage.run(story())


def test_what_does_not_fit_can_be_reached_with_a_button(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(), LAPTOP, reduced_motion="reduce") as page,
        ):
            served.screen.show(views.reply_message(1, ANSWER))
            more = page.locator("#more")
            await more.wait_for(state="visible")
            for _ in range(10):
                if not await more.is_visible():
                    break
                await more.click()
                await page.wait_for_timeout(150)
            assert not await more.is_visible()
            assert await page.locator(".source").is_visible()
            bottom = await page.evaluate(
                "document.querySelector('.source').getBoundingClientRect().bottom"
                " <= document.querySelector('.bar').getBoundingClientRect().top"
            )
            assert bottom

    stage.run(story())
