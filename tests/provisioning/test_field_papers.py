"""What field staff hold in their hands: the page and the wiring, and that they are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import sync_playwright

from hardware.lamp import PATTERNS
from provisioning.site import Site
from terminal.config import Settings
from tests.screen.stage import CHROMIUM, QUIET

FOLDER = Path(__file__).parents[2] / "provisioning"
PAGE = (FOLDER / "README.md").read_text("utf-8")
DRAWINGS = sorted((FOLDER / "wiring").glob("*.svg"))
HEADER = {2: "5V", 9: "GND", 11: 17, 13: 27, 14: "GND", 29: 5, 30: "GND"}
"""Pins of the Raspberry Pi's 40-pin header, from its documentation: BCM numbers."""

LOOSE = """() => {
  const box = (node) => node.getBBox();
  const inside = (a, b) => a.x >= b.x && a.y >= b.y &&
    a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
  const meets = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width &&
    a.y < b.y + b.height && b.y < a.y + a.height;
  const found = [];
  const page = document.documentElement.viewBox.baseVal;
  const texts = [...document.querySelectorAll("text")];
  for (const text of texts) {
    if (!inside(box(text), page)) found.push("off the page: " + text.textContent);
    const group = text.closest("g.box");
    const frame = group && box(group.querySelector("rect"));
    if (frame && !inside(box(text), frame)) found.push("out of its box: " + text.textContent);
  }
  texts.forEach((one, index) => texts.slice(index + 1).forEach((other) => {
    if (meets(box(one), box(other))) found.push(one.textContent + " over " + other.textContent);
  }));
  const frames = [...document.querySelectorAll("g.box > rect")];
  for (const label of document.querySelectorAll("text.label"))
    for (const frame of frames)
      if (meets(box(label), box(frame))) found.push("label in a box: " + label.textContent);
  return found;
}"""


@pytest.mark.browser
def test_no_words_leave_their_box_or_lie_over_others() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        for drawing in DRAWINGS:
            page.goto(drawing.as_uri())
            assert page.evaluate("document.querySelectorAll('text').length") > 15
            assert page.evaluate(LOOSE) == [], drawing.name
        browser.close()


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.stem)
def test_a_drawing_is_linked_whole_and_asks_for_nothing_from_elsewhere(drawing: Path) -> None:
    assert f"wiring/{drawing.name}" in PAGE
    text = drawing.read_text("utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|<script|<image|href", text) == []


def test_the_pins_of_the_drawing_are_the_board_s() -> None:
    text = (FOLDER / "wiring/raspberrypi5.svg").read_text("utf-8")
    for pin, bcm in re.findall(r"(\d+) 脚（BCM (\d+)）", text):
        assert HEADER[int(pin)] == int(bcm)
    for pin in re.findall(r"(\d+) 脚（接地）", text):
        assert HEADER[int(pin)] == "GND"
    for pin in re.findall(r"(\d+) 脚（5 V）", text):
        assert HEADER[int(pin)] == "5V"
    drawn = {int(bcm) for bcm in re.findall(r"BCM (\d+)", text)}
    assert drawn == {int(bcm) for bcm in re.findall(r'"gpio:(\d+)"', text)}


def test_every_setting_on_the_page_is_one() -> None:
    lines = re.findall(r'`(\w+) = ("[^"]*"|\d+)`', PAGE)
    devices: dict[str, Any] = {name: value.strip('"') for name, value in lines}
    devices["paper_mm"] = int(devices["paper_mm"])
    site = Site(device="hall-1-a", kiosk={"devices": devices})
    assert Settings.model_validate(site.kiosk).devices.printer == "usb:0416:5011"


def test_the_table_of_lamps_has_every_look() -> None:
    table = PAGE.split("## 状态灯")[1].split("##")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(PATTERNS)
    for row, look in zip(rows, [*PATTERNS][1:], strict=False):
        pattern = PATTERNS[look]
        assert ("常亮" in row) == (pattern.off_s == 0), row
