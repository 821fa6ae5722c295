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


def machine(root: Path, files: dict[str, str]) -> Path:
    """A root folder with these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


TREE = "proc/device-tree/model"
DMI = "sys/class/dmi/id/"


@pytest.mark.parametrize(
    ("model", "name", "exact"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0", "raspberrypi5", True),
        ("Raspberry Pi Compute Module 5 Rev 1.0", "raspberrypi5", True),
        ("Raspberry Pi 500 Rev 1.0", "raspberrypi5", True),
        ("Raspberry Pi 4 Model B Rev 1.4", "raspberrypi5", False),
        ("NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super", "jetson-orin", True),
        ("NVIDIA Orin NX Developer Kit", "jetson-orin", True),
        ("NVIDIA Jetson Xavier NX Developer Kit", "jetson-orin", False),
        ("Radxa ROCK 5B", "raspberrypi5", False),
    ],
)
def test_an_arm_board_is_known_by_its_device_tree(
    tmp_path: Path, model: str, name: str, exact: bool
) -> None:
    root = machine(tmp_path, {TREE: model + "\0", "proc/meminfo": "MemTotal:  8259584 kB\n"})
    found = board.detect(root, "aarch64")
    assert (found.name, found.exact, found.model) == (name, exact, model)
    assert (found.arch, found.memory_mb) == ("arm64", 8066)
    assert model in found.reason
    assert ("最接近" in found.reason) is not exact


def test_a_jetson_that_hides_its_name_is_known_by_its_release(tmp_path: Path) -> None:
    root = machine(tmp_path, {"etc/nv_tegra_release": "# R36 (release), REVISION: 4.3\n"})
    assert board.detect(root, "aarch64").name == "jetson-orin"


@pytest.mark.parametrize(
    ("files", "model"),
    [
        ({"sys_vendor": "LENOVO", "product_name": "M70q"}, "LENOVO M70q"),
        (
            {
                "sys_vendor": "To Be Filled By O.E.M.",
                "product_name": "Default string",
                "board_vendor": "AMI Corporation",
                "board_name": "N100-IO",
            },
            "AMI Corporation N100-IO",
        ),
        ({"sys_vendor": "Default string", "product_name": "N100 Box"}, "N100 Box"),
        ({"sys_vendor": "System manufacturer", "product_name": "System Product Name"}, ""),
        ({}, ""),
    ],
)
def test_a_box_is_known_by_what_its_maker_filled_in(
    tmp_path: Path, files: dict[str, str], model: str
) -> None:
    root = machine(tmp_path, {DMI + name: text + "\n" for name, text in files.items()})
    found = board.detect(root, "x86_64")
    assert (found.name, found.model, found.arch, found.memory_mb) == ("x86", model, "amd64", 0)
    assert found.exact


@pytest.mark.parametrize(
    ("uname", "name"), [("armv7l", "raspberrypi5"), ("i686", "x86"), ("riscv64", "x86")]
)
def test_a_system_without_packages_is_told_apart(tmp_path: Path, uname: str, name: str) -> None:
    found = board.detect(tmp_path, uname)
    assert (found.name, found.exact) == (name, False)
    assert found.reason == f"{uname} 系统装不上本程序，请换 64 位系统（arm64 或 amd64）"


def test_nonsense_in_the_files_is_no_failure(tmp_path: Path) -> None:
    root = machine(tmp_path, {"proc/meminfo": "MemTotal: a lot\nMemTotal:\n"})
    (root / TREE).parent.mkdir(parents=True)
    (root / TREE).write_bytes(b"\xff\xfe board \0\0")
    found = board.detect(root, "aarch64")
    assert found.memory_mb == 0
    assert found.model.endswith("board")


def test_auto_takes_the_profile_of_this_machine() -> None:
    found = board.detect()
    assert found.name in board.names()
    assert found.memory_mb > 0
    assert load(None, "auto") == load(None, found.name)
