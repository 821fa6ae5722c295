"""The real page in a real Chromium, against a scripted kiosk behind the real server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import wave
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.async_api import Browser, Page, async_playwright

from hardware.base import FRAME_RATE_HZ, Frame, Sound
from terminal.events import (
    Button,
    Chosen,
    MicrophoneChanged,
    Option,
    Pressed,
    Reply,
    ScreenClosed,
    ScreenOpened,
    State,
    Typed,
)
from terminal.screen import views
from tests.screen.served import HOME, WAIT_S, Kiosk, kiosk

T = TypeVar("T")

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
FAKE_MICROPHONE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
SOUND_ALLOWED = ["--autoplay-policy=no-user-gesture-required"]
KIOSK_BROWSER = FAKE_MICROPHONE + SOUND_ALLOWED

BUTTONS: list[Button] = ["repeat", "slower", "louder", "stop", "staff", "home"]

MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")

PORTRAIT, LAPTOP, LANDSCAPE, OLD = (1080, 1920), (1366, 768), (1920, 1080), (1024, 768)
SIZES = [PORTRAIT, LAPTOP, LANDSCAPE, OLD]

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


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


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


# Questions and answers


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


# Microphone


def speech_like(path: Path, seconds: float = 4.0) -> None:
    """A 200 Hz buzz in syllables: steady tones are taken for noise and suppressed."""
    rate_hz = 48_000
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    buzz = sum(np.sin(2 * np.pi * 200 * n * t) / n for n in range(1, 9))
    syllables = np.clip(np.sin(2 * np.pi * 4 * t), 0, 1)
    pcm = (buzz * syllables / 3 * 20_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.tobytes())


def loudest_hz(frames: list[Frame]) -> float:
    """The strongest frequency of the loudest half second."""
    pcm = np.concatenate([frame.pcm for frame in frames]).astype(float)
    size = FRAME_RATE_HZ // 2
    starts = range(0, len(pcm) - size, size // 4)
    loudest = max((pcm[start : start + size] for start in starts), key=lambda part: part.std())
    return float(np.argmax(np.abs(np.fft.rfft(loudest * np.hanning(size)))) * 2)


# A browser that refuses to mix sample rates, as Firefox does: the worklet must convert.
REFUSES_16_KHZ = """
const create = AudioContext.prototype.createMediaStreamSource;
AudioContext.prototype.createMediaStreamSource = function (stream) {
  if (this.sampleRate === 16000) throw new DOMException("rates differ", "NotSupportedError");
  return create.call(this, stream);
};
"""


@pytest.mark.parametrize("script", ["", REFUSES_16_KHZ], ids=["own rate", "resampled"])
def test_a_kiosk_browser_starts_by_itself_and_frames_arrive(
    stage: Stage, script: str, tmp_path: Path
) -> None:
    recording = tmp_path / "speech.wav"
    speech_like(recording)
    recorded = f"--use-file-for-fake-audio-capture={recording}"

    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER, recorded),
                script=script,
                permissions=["microphone"],
            ) as page,
        ):
            await served.until(lambda: listening(served))
            frames: list[Frame] = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    async for frame in served.screen.link.microphone.frames():
                        frames.append(frame)  # noqa: PERF401 - what came before the time is up
            assert 60 <= len(frames) <= 125
            assert not served.screen.refused
            assert np.concatenate([frame.pcm for frame in frames]).std() > 300
            harmonic = loudest_hz(frames) / 200
            assert harmonic == pytest.approx(round(harmonic), abs=0.04)
            assert round(harmonic) >= 1
            assert not await page.locator("#start").is_visible()
            assert await page.locator("text=请直接说话").is_visible()

    stage.run(story())


def test_an_ordinary_browser_waits_for_the_start_button(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium("--use-fake-device-for-media-stream")) as page,
        ):
            await page.wait_for_timeout(700)
            assert served.events == [ScreenOpened(), MicrophoneChanged("off")]
            await page.context.grant_permissions(["microphone"])
            await page.click("#start")
            await served.until(lambda: listening(served))
            assert not await page.locator("#start").is_visible()

    stage.run(story())


def test_a_denied_microphone_leaves_touch_and_keyboard(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(
                    "--deny-permission-prompts", "--use-fake-device-for-media-stream"
                ),
            ) as page,
        ):
            await page.click("#start")
            await served.until(lambda: MicrophoneChanged("denied") in served.events)
            assert "麦克风没有打开" in await text_of(page, "#trouble")
            await page.fill("#question", "还能打字吗")
            await page.press("#question", "Enter")
            await page.click("text=公积金怎么提取")
            await served.until(lambda: Chosen("gov.fund.withdraw") in served.events)
            assert Typed("还能打字吗") in served.events
            await page.context.grant_permissions(["microphone"])
            await page.click("#retry")
            await served.until(lambda: listening(served))
            assert not await page.locator("#trouble").is_visible()

    stage.run(story())


NO_DEVICE = """
navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException("none", "NotFoundError"));
"""
KEEPS_TRACK = """
const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await get(wish);
  window.track = stream.getAudioTracks()[0];
  return stream;
};
"""


def test_no_microphone_at_all_is_said_calmly(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(served, await stage.chromium(), script=NO_DEVICE) as page,
        ):
            await page.click("#start")
            await served.until(lambda: MicrophoneChanged("missing") in served.events)
            assert "没有找到麦克风" in await text_of(page, "#trouble")

    stage.run(story())


def test_an_unplugged_microphone_is_noticed_and_comes_back(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                script=KEEPS_TRACK,
                permissions=["microphone"],
            ) as page,
        ):
            await served.until(lambda: listening(served))
            await page.evaluate("window.track.dispatchEvent(new Event('ended'))")
            await served.until(lambda: MicrophoneChanged("lost") in served.events)
            assert "麦克风断开了" in await text_of(page, "#trouble")
            await served.until(lambda: served.events.count(MicrophoneChanged("on")) == 2, 8)
            assert not await page.locator("#trouble").is_visible()

    stage.run(story())


def test_a_microphone_that_falls_silent_without_a_word_is_noticed(stage: Stage) -> None:
    async def story() -> None:
        async with (
            kiosk() as served,
            opened(
                served,
                await stage.chromium(*KIOSK_BROWSER),
                script="""
                window.contexts = [];
                const create = AudioContext.prototype.createMediaStreamSource;
                AudioContext.prototype.createMediaStreamSource = function (stream) {
                  window.contexts.push(this);
                  return create.call(this, stream);
                };
                """,
                permissions=["microphone"],
            ) as page,
        ):
            await served.until(lambda: listening(served))
            await page.evaluate("window.contexts[0].suspend()")
            await served.until(lambda: MicrophoneChanged("lost") in served.events, 8)
            assert served.screen.open

    stage.run(story())


# Voice

# Everything that goes to the loudspeaker also goes to `heard`; `hushed` is when the order came.
TAPS = """
window.heard = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) {
    window.tap ??= new AnalyserNode(this.context, { fftSize: 2048 });
    connect.call(this, window.tap);
  }
  return connect.call(this, target, ...rest);
};
window.level = (samples) => {
  const seen = new Float32Array(2048);
  window.tap.getFloatTimeDomainData(seen);
  return Math.max(...seen.slice(-samples).map(Math.abs));
};
window.lowest = () => {
  const seen = new Float32Array(2048);
  window.tap.getFloatTimeDomainData(seen);
  return Math.min(...seen.map(Math.abs));
};
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => {
      if (typeof data !== "string" || !data.includes('"hush"')) return;
      const began = performance.now();
      const timer = setInterval(() => {
        if (window.level(32) > 0) return;
        window.silentAfterMs = performance.now() - began;
        clearInterval(timer);
      }, 1);
    });
  }
};
window.WebSocket.OPEN = Socket.OPEN;
"""


def tone(seconds: float, rate_hz: int = 24_000) -> Sound:
    """A constant level: any gap shows."""
    return Sound(np.full(int(seconds * rate_hz), 16_384, np.int16), rate_hz)


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


# Forgetting


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


# Connection


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


# Looks

SCREENS = ["home", "listening", "thinking", "speaking", "clarify", "unknown", "long", "handoff"]
LONG = replace(
    ANSWER,
    heard="我想问一下那个就是我爸爸的社保卡上个礼拜丢了现在人在外地应该怎么办才好呢谢谢你啊",
    title="职工基本养老保险参保人员达到法定退休年龄领取基本养老金资格确认",
    steps=tuple(f"第{n}步，到一楼大厅综合窗口提交申请材料并等待核对信息" for n in range(12)),
    materials=tuple(f"材料{n}原件和复印件：每份都要盖章，{'很长' * 20}" for n in range(9)),
    source="《中华人民共和国社会保险法》" * 8,
)


def act(served: Kiosk, screen: str) -> None:
    show = served.screen.show
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
        case "handoff":
            show(views.state_message(State.HANDOFF, 2))
            show(views.reply_message(1, Reply("handoff", "好的，我帮您叫工作人员，请稍等。", "")))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
def test_type_targets_contrast_and_fit_on_every_screen(stage: Stage, size: tuple[int, int]) -> None:
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
                act(served, screen)
                await page.wait_for_timeout(120)
                measured = await page.evaluate(MEASURE)
                assert measured["complaints"] == [], screen
                assert measured["texts"] >= 15, screen
                assert measured["targets"] >= 8, screen

    stage.run(story())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
def test_the_same_without_a_microphone(stage: Stage, size: tuple[int, int]) -> None:
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
            assert (await page.evaluate(MEASURE))["complaints"] == []
            await page.click("#start")
            await page.locator("#trouble").wait_for(state="visible")
            for screen in SCREENS:
                act(served, screen)
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
            for _ in range(15):
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
            assert {"start", "suggestion", "question", "send", "staff", "home"} <= set(reached)

    stage.run(story())


# Sample-rate conversion


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 22_050])
def test_the_resampler_keeps_speech_and_removes_aliases(stage: Stage, rate_hz: int) -> None:
    script = """async (rate) => {
      const { Resampler } = await import("/static/resampler.js");
      const level = (hertz) => {
        const resampler = new Resampler(rate, 16000);
        let energy = 0, count = 0, total = 0;
        for (let start = 0; start < rate; start += 128) {
          const length = Math.min(128, rate - start);
          const piece = Float32Array.from({ length }, (_, n) =>
            Math.sin((2 * Math.PI * hertz * (start + n)) / rate));
          for (const sample of resampler.push(piece)) {
            total += 1;
            if (total > 1000) { energy += sample * sample; count += 1; }
          }
        }
        return [10 * Math.log10((2 * energy) / count), total];
      };
      return [level(440), level(3000), level(10000)];
    }"""

    async def story() -> None:
        async with kiosk() as served, opened(served, await stage.chromium()) as page:
            low, speech, alias = await page.evaluate(script, rate_hz)
            assert low[0] == pytest.approx(0, abs=0.1)
            assert speech[0] == pytest.approx(0, abs=0.1)
            assert alias[0] < -50
            assert low[1] == pytest.approx(FRAME_RATE_HZ, abs=40)

    stage.run(story())
