"""Screens and touch screens, as kernels tell of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.doctor import screen, touch
from provisioning.doctor.subject import Subject
from provisioning.layout import Layout
from terminal.config import ScreenSettings, Settings
from tests.servers import free_port

INPUTS = """\
I: Bus=0003 Vendor=046d Product=c31c Version=0110
N: Name="USB Keyboard"
H: Handlers=sysrq kbd event0
B: PROP=0
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe

I: Bus=0018 Vendor=04f3 Product=3140 Version=0100
N: Name="Touchpad"
B: PROP=5
B: EV=b
B: KEY=e520 10000 0 0 0 0
B: ABS=2e0800000000003

"""
PANEL = """\
I: Bus=0003 Vendor=0eef Product=c000 Version=0111
N: Name="eGalax Touch"
H: Handlers=mouse1 event3
B: PROP=2
B: EV=b
B: KEY=400 0 0 0 0 0
B: ABS=260800000000003

"""


def socket(root: Path, name: str, status: str, modes: str) -> None:
    folder = root / "sys/class/drm" / name
    folder.mkdir(parents=True)
    (folder / "status").write_text(status + "\n")
    (folder / "modes").write_text(modes)


def test_displays(tmp_path: Path) -> None:
    assert screen.judge_connectors(screen.connectors(tmp_path)).verdict == "note"
    socket(tmp_path, "card1-HDMI-A-1", "disconnected", "")
    (tmp_path / "sys/class/drm/card1").mkdir()
    assert screen.judge_connectors(screen.connectors(tmp_path)).verdict == "fail"
    socket(tmp_path, "card1-HDMI-A-2", "connected", "1920x1080\n1280x720\n")
    row = screen.judge_connectors(screen.connectors(tmp_path))
    assert (row.verdict, row.found) == ("ok", "HDMI-A-2 1920x1080")
    assert row.figures["connectors"] == 2


def test_page() -> None:
    assert screen.judge_page(None).verdict == "note"
    assert screen.judge_page({"screen": {"state": "on"}}).verdict == "ok"
    assert screen.judge_page({"screen": {"state": "off"}}).verdict == "warn"


@pytest.mark.skipif(touch.WORD_BITS != 64, reason="the lists are of 64-bit kernels")
def test_touch_screens_are_told_from_keyboards_and_touch_pads() -> None:
    found = [name for name, bits in touch.devices(INPUTS + PANEL) if touch.is_touch_screen(bits)]
    assert found == ["eGalax Touch"]
    old = dict(touch.devices(PANEL.replace("PROP=2", "PROP=0").replace("260800000000003", "3")))
    assert touch.is_touch_screen(old["eGalax Touch"])
    assert touch.bitmap("no hex") == 0


def test_touch_below_a_root(tmp_path: Path) -> None:
    port = ScreenSettings(port=free_port())
    subject = Subject(Settings(screen=port), 0.0, Layout(tmp_path))
    assert [row.verdict for row in touch.look(subject)] == ["note"]
    assert [row.verdict for row in screen.look(subject)] == ["note", "note"]
    file = tmp_path / "proc/bus/input/devices"
    file.parent.mkdir(parents=True)
    for text, verdict in ((INPUTS, "warn"), (INPUTS + PANEL, "ok"), ("", "warn")):
        file.write_text(text)
        assert [row.verdict for row in touch.look(subject)] == [verdict]
