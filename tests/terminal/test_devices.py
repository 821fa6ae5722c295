"""Which devices the settings choose, and what the page may say of them."""

from __future__ import annotations

import pytest

from hardware.browser import BrowserLink
from hardware.device_microphone import DeviceMicrophone
from hardware.device_speaker import DeviceSpeaker
from terminal.config import AudioSettings, Settings, TurnSettings
from terminal.devices import Devices, has_system_echo
from terminal.events import Event, MicrophoneChanged, Pressed, ScreenClosed
from terminal.health import Health


def devices(audio: AudioSettings, posted: list[Event]) -> tuple[Devices, BrowserLink]:
    link = BrowserLink(lambda _message: None)
    settings = Settings(audio=audio)
    return Devices(settings, link, posted.append, Health({}, 0.0)), link


def test_the_page_s_own_are_the_usual_ones() -> None:
    posted: list[Event] = []
    own, link = devices(AudioSettings(), posted)
    assert own.microphone is link.microphone
    assert own.speaker is link.speaker
    assert own.delay_s() == 0
    events: list[Event] = [MicrophoneChanged("on"), Pressed("stop"), ScreenClosed()]
    for event in events:
        own.take(event)
    assert posted == events


def test_a_page_says_nothing_of_the_machine_s_microphone_and_takes_none_away() -> None:
    posted: list[Event] = []
    own, _ = devices(AudioSettings(microphone="default", speaker="default"), posted)
    assert isinstance(own.microphone, DeviceMicrophone)
    assert isinstance(own.speaker, DeviceSpeaker)
    for event in (MicrophoneChanged("denied"), Pressed("stop"), ScreenClosed()):
        own.take(event)
    assert posted == [Pressed("stop"), ScreenClosed(), MicrophoneChanged("off")]


@pytest.mark.parametrize(
    ("microphone", "echo_canceller", "line"),
    [
        ("browser", "system", ""),
        ("default", "adaptive", ""),
        ("USB Array", "system", "needs default or pulse:NAME devices, not 'USB Array'"),
    ],
)
def test_the_sound_server_cancels_only_what_goes_through_it(
    microphone: str, echo_canceller: str, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.model_validate(
        {
            "audio": {"microphone": microphone, "speaker": "default"},
            "turn": {"echo_canceller": echo_canceller},
        }
    )
    assert isinstance(settings.turn, TurnSettings)
    assert not has_system_echo(settings)
    assert line in caplog.text
