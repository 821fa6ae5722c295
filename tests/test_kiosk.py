"""The whole kiosk as a citizen meets it: `kiosk run` in a process, its page in Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.models]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --use-fake-ui-for-media-stream "
    "--use-fake-device-for-media-stream --autoplay-policy=no-user-gesture-required"
).split()
QUESTION = Path(__file__).parents[1] / "terminal/bench/questions"
READY_MS = 240_000
ANSWER_MS = 90_000
"""Generous: what is tested is that it works, and `kiosk bench latency` measures how fast."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("kiosk") / "stderr.txt"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "terminal.cli", "run", "--port", "0"],
            stderr=errors,
            cwd=Path(__file__).parents[1],
        )
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        assert process.wait(60) == 0


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(READY_MS // 100):
        if found := re.search(r"open (http://\S+)", log.read_text()):
            return found[1]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the kiosk did not get ready:\n{log.read_text()}")


@pytest.fixture(scope="module")
def spoken_question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """驾照六年到了，要换证: as Chromium wants its fake microphone: 48 kHz, long silences."""
    pcm, rate_hz = soundfile.read(QUESTION / "gov-06.flac", dtype="float32")
    file = tmp_path_factory.mktemp("audio") / "question.wav"
    silence = np.zeros(48_000 * 4, np.float32)
    question = soxr.resample(pcm, rate_hz, 48_000)
    whole = np.concatenate([silence, question, *[silence] * 30])
    soundfile.write(file, whole, 48_000, subtype="PCM_16")
    return file


@pytest.fixture
def browser(spoken_question: Path) -> Iterator[Browser]:
    audio = f"--use-file-for-fake-audio-capture={spoken_question}%noloop"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, audio])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Page:
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, permissions=["microphone"]
    )
    page = context.new_page()
    page.goto(address)
    return page


def test_spoken_question_is_answered_aloud_and_on_the_screen(page: Page) -> None:
    answer = page.get_by_text(re.compile("旧驾驶证和体检证明"))
    expect(answer.first).to_be_visible(timeout=ANSWER_MS)
    expect(page.get_by_text("正在说").first).to_be_visible(timeout=ANSWER_MS)
    # The page reports the end of playback, and only then is the kiosk ready again.
    expect(page.get_by_text("正在说").first).to_be_hidden(timeout=2 * ANSWER_MS)


def test_typed_question_then_the_end_of_the_visit_leaves_no_trace(page: Page) -> None:
    page.get_by_role("textbox").fill("补社保卡要多少钱")
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_text("补办社保卡是免费的").first).to_be_visible(timeout=ANSWER_MS)
    page.get_by_role("button", name="结束").click()
    expect(page.get_by_text("补办社保卡是免费的")).to_have_count(0, timeout=ANSWER_MS)
    assert "多少钱" not in page.content()


def test_tab_closed_in_mid_answer_does_not_stop_the_next_visit(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(permissions=["microphone"])
    first = context.new_page()
    first.goto(address)
    first.get_by_role("textbox").fill("身份证丢了怎么补")
    first.get_by_role("textbox").press("Enter")
    expect(first.get_by_text("正在说").first).to_be_visible(timeout=ANSWER_MS)
    first.close()
    second = context.new_page()
    second.goto(address)
    assert "身份证丢了怎么补" not in second.content()
    second.get_by_role("textbox").fill("厕所在哪儿")
    second.get_by_role("textbox").press("Enter")
    expect(second.get_by_text("走廊").first).to_be_visible(timeout=ANSWER_MS)
