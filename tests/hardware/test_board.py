"""Board profiles: each is valid, found by name, and laid under a kiosk's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import KioskError
from hardware import board
from terminal.config import Settings, load


def test_the_boards_of_the_design_are_there() -> None:
    assert board.names() == ["browser", "jetson-orin", "raspberrypi5", "x86"]


@pytest.mark.parametrize("name", board.names())
def test_a_profile_is_valid_and_says_what_is_meant(name: str) -> None:
    settings = load(None, name)
    text = board.profile_file(name).read_text("utf-8")
    assert (settings.audio.microphone == "browser") == (name == "browser")
    assert settings.presence.camera != "off"
    assert text.startswith("#")


def test_the_kiosk_s_own_settings_win_field_by_field(tmp_path: Path) -> None:
    own = tmp_path / "hall.toml"
    own.write_text('pack = "bank-hall"\n[audio]\nspeaker = "USB"\n', "utf-8")
    settings = load(own, "x86")
    assert settings.pack == "bank-hall"
    assert settings.audio.speaker == "USB"
    assert settings.audio.microphone == "default"
    assert settings.turn.echo_canceller == "system"
    assert load(own).audio.microphone == "browser"
    assert load(None) == Settings()


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(KioskError) as told:
        load(None, "beaglebone")
    assert told.value.message == (
        "no profile 'beaglebone': choose browser, jetson-orin, raspberrypi5, x86, or give a TOML file"
    )


def test_a_file_of_one_s_own_is_taken_and_its_mistakes_are_its_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[audio]\nmicrophone = "pulse:ear"\n', "utf-8")
    assert load(None, str(mine)).audio.microphone == "pulse:ear"
    mine.write_text("[audio]\nmicrophon = 1\n", "utf-8")
    with pytest.raises(KioskError, match=r"mine\.toml: audio\.microphon: Extra inputs"):
        load(None, str(mine))
    with pytest.raises(KioskError, match="cannot be read"):
        load(None, str(tmp_path / "none.toml"))
