"""The page's microphone: starting, frames, and every way to lose it."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from pathlib import Path

import numpy as np
import pytest

from hardware.base import FRAME_RATE_HZ, Frame
from terminal.events import (
    Chosen,
    MicrophoneChanged,
    ScreenOpened,
    Typed,
)
from tests.screen.served import kiosk
from tests.screen.stage import (
    KIOSK_BROWSER,
    Stage,
    listening,
    opened,
    text_of,
)

pytestmark = pytest.mark.browser


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
