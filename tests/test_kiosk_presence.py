"""A person before the browser's camera, the whole kiosk behind it: greeted, then wiped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from models.base import FaceDetector
from terminal.bench import presence_set, scenes
from tests.test_kiosk import CHROMIUM, FLAGS, READY_MS

pytestmark = [pytest.mark.browser, pytest.mark.models]

GREETING = "您好，我是智能语音助手，请问您办什么事？"
BROWSER_RATE = 30
"""Chromium plays an MJPEG file at that rate, again and again."""
COMES_MS = 120_000


@pytest.fixture(scope="module")
def walk_up(face_detector: FaceDetector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody walks up, stands there for five seconds and leaves; then a while nobody."""
    pictures = presence_set.find().pictures
    assert pictures is not None
    head, hall = presence_set.actors_of(pictures, face_detector)
    scene = scenes.Scene("visit", 26, (scenes.visit(1.0, 6.0),))
    file = tmp_path_factory.mktemp("camera") / "walk.mjpeg"
    with file.open("wb") as out:
        for shot in scenes.shots(scene, head, hall):
            jpeg = cv2.imencode(".jpg", shot.picture)[1].tobytes()
            out.write(jpeg * (BROWSER_RATE // 5))
    return file


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("kiosk")
    config, log = folder / "hall.toml", folder / "stderr.txt"
    config.write_text('[presence]\ncamera = "browser"\n[voice_cache]\nprepare = false\n', "utf-8")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "terminal.cli", "run", "--port", "0", "--config", str(config)],
            stderr=errors,
            cwd=Path(__file__).parents[1],
        )
    try:
        for _ in range(READY_MS // 100):
            if found := re.search(r"open (http://\S+)", log.read_text()):
                break
            with_patience(process)
        assert found, log.read_text()
        yield found[1]
    finally:
        process.terminate()
        assert process.wait(60) == 0


def with_patience(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError("the kiosk ended before it was ready")


@pytest.fixture
def page(address: str, walk_up: Path) -> Iterator[Page]:
    camera = f"--use-file-for-fake-video-capture={walk_up}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, camera])
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, permissions=["microphone", "camera"]
        )
        page = context.new_page()
        page.goto(address)
        yield page
        chromium.close()


def test_who_walks_up_is_greeted_and_what_they_asked_goes_with_them(page: Page) -> None:
    note = page.locator("#note")
    expect(note).to_have_text(GREETING, timeout=COMES_MS)
    expect(page.get_by_text("正在说").first).to_be_visible()
    if folder := os.environ.get("KIOSK_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/greeting.png")
    expect(page.get_by_text("请讲").first).to_be_visible(timeout=COMES_MS)
    # They leave: the first screen again, and nothing said to nobody.
    expect(page.get_by_text("请直接说话").first).to_be_visible(timeout=COMES_MS)
    expect(note).to_be_hidden()
    # The next one is greeted too.
    expect(note).to_have_text(GREETING, timeout=COMES_MS)
