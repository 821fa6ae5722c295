"""What is known of the devices: states, losses, levels; and nothing else."""

from __future__ import annotations

import json
from typing import Any

from terminal.events import CameraChanged, MicrophoneChanged, ScreenClosed, ScreenOpened, Typed
from terminal.health import Health, Level


def health(speaker: str = "default") -> Health:
    return Health({"microphone": "USB Array", "speaker": speaker, "camera": "/dev/video0"}, 100.0)


def report(of: Health, now: float, dropped_frames: int = 0) -> Any:
    return json.loads(json.dumps(of.report(now, dropped_frames)))


def test_events_and_reports_make_one_picture() -> None:
    own = health()
    own.tell("microphone", "on", 101.0, "USB Array: Audio")
    own.note(MicrophoneChanged("on"), 101.0)
    own.note(CameraChanged("on"), 102.0)
    own.note(CameraChanged("lost"), 110.0)
    own.note(Typed("身份证丢了"), 110.0)
    told = report(own, 112.0)
    assert told["uptime_s"] == 12.0
    assert told["microphone"]["state"] == "on"
    assert told["microphone"]["detail"] == "USB Array: Audio"
    assert told["camera"] == {
        "source": "/dev/video0",
        "state": "lost",
        "detail": "",
        "for_s": 2.0,
        "losses": 1,
    }
    assert "身份证" not in json.dumps(told, ensure_ascii=False)


def test_losses_are_counted_once_each() -> None:
    own = health()
    for state in ("missing", "on", "silent", "lost", "on", "lost", "lost"):
        own.tell("microphone", state, 100.0)
    assert report(own, 100.0)["microphone"]["losses"] == 2


def test_a_page_is_the_speaker_only_where_it_is_meant_to_be() -> None:
    for source, state in (("browser", "on"), ("default", "off")):
        own = health(source)
        own.note(ScreenOpened(), 101.0)
        assert report(own, 101.0)["speaker"]["state"] == state
        own.note(ScreenClosed(), 102.0)
        assert report(own, 102.0)["speaker"]["state"] == "off"


def test_clipping_is_told_when_it_begins_and_when_it_ends() -> None:
    own = health()
    levels = [Level(-30, clips, 0) for clips in (False, True, True, False)]
    told = [own.measure(level) for level in levels]
    assert [bool(line) for line in told] == [False, True, False, True]
    assert "turned up too far" in str(told[1])
    own.measure(Level(-41.26, clips=False, dropped_frames=3))
    microphone = report(own, 100.0)["microphone"]
    assert (microphone["level_dbfs"], microphone["dropped_frames"]) == (-41.3, 3)


def test_what_a_pages_microphone_drops_is_told() -> None:
    own = health()
    assert report(own, 101.0)["microphone"]["dropped_frames"] == 0
    assert report(own, 101.0, 3)["microphone"]["dropped_frames"] == 3
    own.measure(Level(-30.0, clips=False, dropped_frames=5))
    assert report(own, 101.0)["microphone"]["dropped_frames"] == 5


def test_a_peripheral_is_told_where_the_settings_name_one() -> None:
    own = Health({"printer": "usb:0416:5011"}, 100.0)
    assert report(own, 100.0)["printer"]["state"] == "off"
    assert "lamp" not in report(own, 100.0)
    own.tell("printer", "on", 101.0, "")
    own.tell("printer", "fault", 102.0, "打印机缺纸：换上新纸卷")
    printer = report(own, 103.0)["printer"]
    assert (printer["state"], printer["losses"]) == ("fault", 1)
    assert own.troubles() == {"printer": "打印机缺纸：换上新纸卷"}
    own.tell("printer", "on", 104.0)
    assert own.troubles() == {}
