"""Type, targets, contrast, fit and movement, measured in the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from terminal.events import (
    Reply,
    State,
)
from terminal.notices import PRINTER
from terminal.screen import views
from tests.screen.served import HOME, Kiosk, kiosk
from tests.screen.stage import (
    ANSWER,
    CLARIFY,
    KIOSK_BROWSER,
    LAPTOP,
    PORTRAIT,
    UNKNOWN,
    Stage,
    becomes_true,
    listening,
    opened,
    text_of,
)

MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")

LANDSCAPE, OLD = (1920, 1080), (1024, 768)
SIZES = [PORTRAIT, LAPTOP, LANDSCAPE, OLD]


pytestmark = pytest.mark.browser

SCREENS = [
    "home", "listening", "thinking", "speaking", "clarify", "unknown", "long", "handoff", "paper",
    "closed",
]  # fmt: skip
LONG = replace(
    ANSWER,
    heard="我想问一下那个就是我爸爸的社保卡上个礼拜丢了现在人在外地应该怎么办才好呢谢谢你啊",
    title="职工基本养老保险参保人员达到法定退休年龄领取基本养老金资格确认",
    steps=tuple(f"第{n}步，到一楼大厅综合窗口提交申请材料并等待核对信息" for n in range(12)),
    materials=tuple(f"材料{n}原件和复印件：每份都要盖章，{'很长' * 20}" for n in range(9)),
    source="《中华人民共和国社会保险法》" * 8,
)


def act(served: Kiosk, screen: str, *, elder: bool = False) -> None:
    show = served.screen.show
    show(views.mode_message(elder=elder))
    match screen:
        case "listening":
            show(views.state_message(State.LISTENING, 1))
            show(views.caption_message(1, "我想问一下社保卡丢了"))
        case "thinking":
            show(views.state_message(State.THINKING, 1))
            show(views.caption_message(1, LONG.heard))
        case "speaking":
            show(views.state_message(State.SPEAKING, 1))
            show(views.reply_message(1, replace(ANSWER, aspect="fee")))
            show(views.note_message("好的，我说慢一点。"))
        case "clarify":
            show(views.state_message(State.ATTENTIVE, 2))
            show(views.reply_message(1, CLARIFY))
        case "unknown":
            show(views.state_message(State.OUT_OF_SERVICE, 2))
            show(views.reply_message(1, UNKNOWN))
        case "long":
            show(views.state_message(State.SPEAKING, 1))
            show(views.reply_message(1, LONG))
        case "closed":
            show(views.wipe_message())
            show(HOME)
            show(views.state_message(State.OUT_OF_SERVICE, 2, "停电检修，" * 20))
        case "paper":
            show({**HOME, "printer": True})
            show(views.state_message(State.SPEAKING, 1))
            show(views.reply_message(1, ANSWER))
            show(views.note_message(PRINTER["paper_out"]))
        case "handoff":
            show(views.state_message(State.HANDOFF, 2))
            show(views.reply_message(1, Reply("handoff", "好的，我帮您叫工作人员，请稍等。", "")))


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
def test_type_targets_contrast_and_fit_on_every_screen(
    stage: Stage, size: tuple[int, int], elder: bool
) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                size,
                permissions=["microphone"],
                reduced_motion="reduce",
            ) as page,
        ):
            await served.until(lambda: listening(served))
            for screen in SCREENS:
                served.screen.show(views.wipe_message())
                served.screen.show(HOME)
                served.screen.show(views.state_message(State.IDLE, 0))
                act(served, screen, elder=elder)
                await page.wait_for_timeout(120)
                measured = await page.evaluate(MEASURE)
                assert measured["complaints"] == [], screen
                assert measured["texts"] >= 13, screen
                assert measured["targets"] >= 8, screen

    stage.run(story())


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
def test_the_same_without_a_microphone(stage: Stage, size: tuple[int, int], elder: bool) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(
                    "--deny-permission-prompts", "--use-fake-device-for-media-stream"
                ),
                size,
                reduced_motion="reduce",
            ) as page,
        ):
            await page.locator("#start").wait_for(state="visible")
            act(served, "home", elder=elder)
            await page.wait_for_timeout(450)  # A tap sooner would be taken for a second tap.
            assert (await page.evaluate(MEASURE))["complaints"] == []
            await page.click("#start")
            await page.locator("#trouble").wait_for(state="visible")
            for screen in SCREENS:
                act(served, screen, elder=elder)
                await page.wait_for_timeout(120)
                assert (await page.evaluate(MEASURE))["complaints"] == [], screen

    stage.run(story())


def test_the_first_screen_shows_every_suggestion_and_the_notices(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served:
            browser = await stage.chromium()
            for size in SIZES:
                async with opened(served, browser, size) as page:
                    await page.wait_for_selector(".suggestion >> nth=5")
                    assert not await page.locator("#more").is_visible()
                    body = await text_of(page, "body")
                    for words in ("本机不录音、不拍照存储", "智能语音助手", "样例数据", "12345"):
                        assert words in body
                    assert await page.evaluate("document.documentElement.lang") == "zh-CN"

    stage.run(story())


def test_movement_is_gentle_and_can_be_switched_off(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served:
            browser = await stage.chromium()
            for motion, moving in (("no-preference", True), ("reduce", False)):
                async with opened(served, browser, reduced_motion=motion) as page:
                    served.screen.show(views.state_message(State.LISTENING, 1))
                    await page.wait_for_selector("text=正在听")
                    running = await page.evaluate("document.getAnimations().length")
                    assert (running > 0) is moving

    stage.run(story())


def test_each_state_has_its_own_colour_shape_and_word(stage: Stage) -> None:
    async def story() -> None:
        looks = set()
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(), reduced_motion="reduce") as page,
        ):
            served.screen.show(views.reply_message(1, ANSWER))
            for state in (State.LISTENING, State.THINKING, State.SPEAKING, State.HANDOFF):
                served.screen.show(views.state_message(state, 1))
                await becomes_true(page, f"document.body.dataset.state === '{state.value}'")
                looks.add(
                    tuple(
                        await page.evaluate(
                            """() => {
                              const core = getComputedStyle(document.querySelector(".core"));
                              const word = document.getElementById("word").textContent;
                              return [core.backgroundColor, core.borderRadius, word];
                            }"""
                        )
                    )
                )
        assert all(len(set(kind)) == 4 for kind in zip(*looks, strict=True))

    stage.run(story())


def test_the_keyboard_reaches_everything_and_shows_where_it_is(stage: Stage) -> None:
    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            await page.wait_for_selector(".suggestion >> nth=5")
            reached = []
            for _ in range(16):
                await page.keyboard.press("Tab")
                name, outline = await page.evaluate(
                    """() => {
                      const at = document.activeElement;
                      const shown = at.matches("input") ? at.closest("label") : at;
                      const style = getComputedStyle(shown);
                      const seen = style.outlineStyle !== "none" || style.boxShadow !== "none";
                      return [at.dataset.button ?? (at.id || at.className), seen];
                    }"""
                )
                assert outline, name
                reached.append(name)
            assert {"start", "suggestion", "question", "send", "elder", "staff", "home"} <= set(
                reached
            )

    stage.run(story())
