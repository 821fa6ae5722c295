"""A tap is for what was under the finger when it came down, whatever the page does meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Literal

import pytest
from playwright.async_api import CDPSession, Page

from terminal.events import Chosen, Event, Option, Pressed, Rated, Typed
from terminal.screen import views
from tests.screen.served import Kiosk, kiosk
from tests.screen.stage import ANSWER, CLARIFY, Stage, becomes_true, opened

pytestmark = pytest.mark.browser

By = Literal["mouse", "touch"]
BOTH = pytest.mark.parametrize("by", ["mouse", "touch"])
OTHER = replace(
    CLARIFY, options=tuple(Option(f"gov.other.n{n}", f"另一件事之{n}") for n in range(6))
)
"""Its buttons stand where those of CLARIFY stood."""


class Finger:
    """Comes down on the page, moves and goes up again, one thing at a time."""

    def __init__(self, page: Page, line: CDPSession, by: By) -> None:
        self.page, self.line, self.by = page, line, by
        self.at = (0.0, 0.0)

    async def down(self, selector: str) -> None:
        box = await self.page.locator(selector).bounding_box()
        assert box is not None
        self.at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert await self.under() == await self.page.locator(selector).inner_text()
        await self.send("mousePressed", "touchStart")

    async def move(self, y: float) -> None:
        self.at = (self.at[0], self.at[1] + y)
        await self.send("mouseMoved", "touchMove")

    async def up(self) -> None:
        await self.send("mouseReleased", "touchEnd")

    async def under(self) -> str:
        """The words of the button that is under it now."""
        script = "([x, y]) => document.elementFromPoint(x, y)?.closest('button')?.innerText ?? ''"
        return str(await self.page.evaluate(script, list(self.at)))

    async def send(self, mouse: str, touch: str) -> None:
        x, y = self.at
        if self.by == "mouse":
            pressed = {"button": "left", "buttons": 1, "clickCount": 1}
            body: dict[str, Any] = {"type": mouse, "x": x, "y": y, **pressed}
            await self.line.send("Input.dispatchMouseEvent", body)
        else:
            points = [] if touch == "touchEnd" else [{"x": x, "y": y}]
            await self.line.send("Input.dispatchTouchEvent", {"type": touch, "touchPoints": points})


@contextlib.asynccontextmanager
async def finger_on(stage: Stage, by: By) -> AsyncIterator[tuple[Kiosk, Page, Finger]]:
    async with (
        kiosk() as served,
        opened(
            served, await stage.chromium(), reduced_motion="reduce", has_touch=by == "touch"
        ) as page,
    ):
        yield served, page, Finger(page, await page.context.new_cdp_session(page), by)


async def wishes(served: Kiosk, page: Page) -> Sequence[Event]:
    """What the page has sent; a question typed now is the last, and is left out."""
    await page.fill("#question", "完")
    await page.press("#question", "Enter")
    await served.until(lambda: Typed("完") in served.events)
    sent = [each for each in served.events if isinstance(each, Chosen | Pressed | Rated | Typed)]
    return sent[:-1]


async def show_options(served: Kiosk, page: Page) -> None:
    served.screen.show(views.reply_message(1, CLARIFY))
    await page.wait_for_selector(".option >> nth=2")


@BOTH
def test_a_button_that_comes_over_it_takes_no_tap(stage: Stage, by: By) -> None:
    """往下看 does so a moment after the page was scrolled, for it hears of that with the frame."""

    async def story() -> None:
        async with finger_on(stage, by) as (served, page, finger):
            served.screen.show(views.reply_message(1, ANSWER))
            await page.wait_for_selector(".grade >> nth=4")
            scroll = "document.getElementById('scroll')"
            bottom = f"{scroll}.scrollTo({{top: 9999, behavior: 'instant'}})"
            await page.evaluate(bottom)
            await page.locator("#more").wait_for(state="hidden")
            await finger.down("text=基本满意")
            await page.evaluate(f"{scroll}.scrollBy({{top: -41, behavior: 'instant'}})")
            await page.locator("#more").wait_for(state="visible")
            assert await finger.under() == "往下看"
            before = await page.evaluate(f"{scroll}.scrollTop")
            await finger.up()
            await page.wait_for_selector("text=谢谢您的评价")
            assert await page.evaluate(f"{scroll}.scrollTop") <= before
            assert await wishes(served, page) == [Rated(3)]

    stage.run(story())


@BOTH
def test_an_answer_that_comes_meanwhile_takes_no_tap(stage: Stage, by: By) -> None:
    async def story() -> None:
        async with finger_on(stage, by) as (served, page, finger):
            await show_options(served, page)
            await finger.down(".option >> nth=1")
            served.screen.show(views.reply_message(2, OTHER))
            await page.wait_for_selector(".option >> nth=5")
            assert "另一件事" in await finger.under()
            await finger.up()
            assert await wishes(served, page) == [Chosen("gov.id_card.reissue")]

    stage.run(story())


@BOTH
def test_the_end_of_a_visit_takes_the_wish_along(stage: Stage, by: By) -> None:
    async def story() -> None:
        async with finger_on(stage, by) as (served, page, finger):
            await show_options(served, page)
            await finger.down(".option >> nth=1")
            served.screen.show(views.wipe_message())
            await page.wait_for_selector("#home")
            await finger.up()
            assert await wishes(served, page) == []

    stage.run(story())


@BOTH
def test_a_finger_that_trembles_taps_and_one_that_goes_away_does_not(stage: Stage, by: By) -> None:
    async def story() -> None:
        async with finger_on(stage, by) as (served, page, finger):
            await show_options(served, page)
            await finger.down(".option >> nth=1")
            await finger.move(6)
            await finger.up()
            await finger.down(".option >> nth=0")
            await finger.move(40)
            await finger.move(160)
            await finger.up()
            assert await wishes(served, page) == [Chosen("gov.id_card.reissue")]

    stage.run(story())


def test_a_slow_finger_taps_and_a_hand_that_rests_on_the_glass_does_not(stage: Stage) -> None:
    async def story() -> None:
        async with finger_on(stage, "touch") as (served, page, finger):
            await show_options(served, page)
            await finger.down(".option >> nth=1")
            await asyncio.sleep(1)
            await finger.up()
            await finger.down(".option >> nth=0")
            await asyncio.sleep(3.2)
            await finger.up()
            assert await wishes(served, page) == [Chosen("gov.id_card.reissue")]

    stage.run(story())


def test_keys_press_as_fingers_do(stage: Stage) -> None:
    async def story() -> None:
        async with finger_on(stage, "mouse") as (served, page, _):
            await show_options(served, page)
            for place, key in enumerate(("Enter", "Space")):
                await page.focus(f".option >> nth={place}")
                await page.keyboard.press(key)
            await page.focus('[data-button="staff"]')
            await page.keyboard.press("Enter")
            await becomes_true(page, "document.activeElement.dataset.button === 'staff'")
            chosen = [Chosen(each.id) for each in CLARIFY.options[:2]]
            assert await wishes(served, page) == [*chosen, Pressed("staff")]

    stage.run(story())
