"""A visit under a device profile, on the page of a real browser: asked, answered, left, wiped.

Microphone and loudspeaker are PulseAudio's, virtual; the camera sees a video in which somebody
stands there for as long as the test wants.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
import soundfile
from playwright.sync_api import Page, expect, sync_playwright

from hardware.base import PICTURES_PER_S
from hardware.opencv import cv2
from models.base import FaceDetector
from terminal.bench import presence_set, scenes
from terminal.config import PresenceSection
from terminal.session import LEFT_S
from tests.soundserver import SoundServer, wait_for
from tests.test_kiosk import CHROMIUM, FLAGS
from tests.test_kiosk_devices import ANSWER_S, CONFIG, QUESTION, Kiosk

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.sound]

UNSEEN_S = PresenceSection().left_s
MARGIN_S = 3.0
"""For a busy machine, over the times that the product promises."""
LONG_S = 600.0


class Film:
    """A video that is made while the kiosk watches it: how long a machine takes to answer is its
    own affair, and nobody leaves before the answer is there."""

    def __init__(self, file: Path, detector: FaceDetector) -> None:
        self.visited = threading.Event()
        """Set: somebody stands there."""
        self._file = file
        os.mkfifo(file)
        pictures = presence_set.find().pictures
        assert pictures is not None
        head, hall = presence_set.actors_of(pictures, detector)
        visitor = scenes.Actor(((0.0, (0.0, 0.9)), (LONG_S, (0.0, 0.9))))
        self._visit = scenes.shots(scenes.Scene("visit", LONG_S, (visitor,)), head, hall)
        self._empty = scenes.shots(scenes.Scene("empty", LONG_S, ()), head, hall)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(BrokenPipeError), self._file.open("wb") as out:
            self._show(out)  # Until the kiosk ends.

    def _show(self, out: BinaryIO) -> None:
        size = f"W{scenes.WIDTH} H{scenes.HEIGHT}"
        out.write(f"YUV4MPEG2 {size} F{PICTURES_PER_S:.0f}:1 Ip A1:1 C420\n".encode())
        due = time.monotonic()
        while shot := next(self._visit if self.visited.is_set() else self._empty, None):
            out.write(b"FRAME\n" + cv2.cvtColor(shot.picture, cv2.COLOR_BGR2YUV_I420).tobytes())
            out.flush()
            due += 1 / PICTURES_PER_S
            time.sleep(max(0.0, due - time.monotonic()))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SoundServer]:
    server = SoundServer(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def film(tmp_path: Path, face_detector: FaceDetector) -> Film:
    return Film(tmp_path / "hall.y4m", face_detector)


@pytest.fixture
def kiosk(server: SoundServer, film: Film, tmp_path: Path) -> Iterator[Kiosk]:
    config = CONFIG.replace('camera = "off"', f'camera = "{tmp_path / "hall.y4m"}"')
    kiosk = Kiosk(tmp_path, server.environment, config)
    try:
        kiosk.wait_until_ready()
        yield kiosk
    finally:
        kiosk.end()


@pytest.fixture
def page(kiosk: Kiosk) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        page.goto(kiosk.address)
        yield page
        chromium.close()


@pytest.fixture
def question(tmp_path: Path) -> Path:
    pcm, rate_hz = soundfile.read(QUESTION, dtype="int16")
    soundfile.write(tmp_path / "question.wav", pcm, rate_hz, subtype="PCM_16")
    return tmp_path / "question.wav"


def test_what_was_asked_goes_from_the_page_with_who_asked(
    kiosk: Kiosk, server: SoundServer, film: Film, page: Page, question: Path
) -> None:
    expect(page.locator("#home")).to_be_visible()
    at_home = page.content()
    film.visited.set()
    kiosk.wait_for("PersonArrived", 1)
    kiosk.wait_for("PlaybackFinished", 1)  # The greeting.
    server.say(question)
    answer = page.locator("#answer")
    expect(answer).to_contain_text("充电", timeout=ANSWER_S * 1000)
    kiosk.wait_for("PlaybackFinished", 2)
    caption = page.locator("#caption")
    assert "手机" in caption.inner_text()
    words = words_of(f"{caption.inner_text()} {answer.inner_text()}") - words_of(at_home)
    assert len(words) > 5, words
    assert all(word in page.content() for word in words)
    _screenshot(page, "before")

    film.visited.clear()
    left_s = wait_for(lambda: kiosk.count("PersonLeft") == 1, "PersonLeft")
    assert UNSEEN_S - 1 < left_s < UNSEEN_S + MARGIN_S
    expect(page.locator("#home")).to_be_visible(timeout=(LEFT_S + MARGIN_S) * 1000)
    assert LEFT_S <= _wiped_at(kiosk.trace) - _left_at(kiosk.trace) < LEFT_S + MARGIN_S
    expect(answer).to_be_hidden()
    _screenshot(page, "after")
    content = page.content()
    assert [word for word in words if word in content] == []
    assert answer.inner_text() == caption.inner_text() == ""
    assert page.get_by_role("textbox").input_value() == ""


def words_of(text: str) -> set[str]:
    """Each run of at least two Chinese characters."""
    return set(re.findall(r"[\u4e00-\u9fff]{2,}", text))


def _left_at(trace: str) -> float:
    """Seconds at which the camera's loss of the visitor was handled."""
    found = re.findall(r"^ *([\d.]+)  PersonLeft\(", trace, re.MULTILINE)
    return float(found[-1])


def _wiped_at(trace: str) -> float:
    """Seconds of the step that led to the last wipe."""
    before, _, _ = trace.rpartition("-> Wipe(")
    return float(re.findall(r"^ *([\d.]+)  \w+\(", before, re.MULTILINE)[-1])


def _screenshot(page: Page, name: str) -> None:
    if folder := os.environ.get("KIOSK_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/wipe-{name}.png")
