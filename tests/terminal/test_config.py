"""One kiosk's settings out of several files."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.config import load
from terminal.errors import KioskError

HUB = '[hub]\nbroker = "mqtt:8883"\ndevice = "hall-1"\ntrust = "/t"\n'


def write(folder: Path, **files: str) -> list[Path]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return [folder / f"{name}.toml" for name in files]


def test_later_files_win_field_by_field(tmp_path: Path) -> None:
    first, second = write(
        tmp_path, a='pack = "one"\n[turn]\nend_s = 0.7\nelder_end_s = 2', b="[turn]\nend_s = 0.9"
    )
    settings = load(None, more=[first, second])
    assert (settings.pack, settings.turn.end_s, settings.turn.elder_end_s) == ("one", 0.9, 2)
    assert load(second, more=[first]).turn.end_s == 0.7


def test_a_file_that_may_be_there_lies_over_all_others(tmp_path: Path) -> None:
    own, trust = write(tmp_path, own='[hub]\ntext = "redacted"\n', trust=HUB)
    hub = load(own, if_there=[trust]).hub
    assert hub is not None
    assert (hub.device, hub.text) == ("hall-1", "redacted")


def test_a_kiosk_that_is_not_enrolled_yet_belongs_to_no_fleet(tmp_path: Path) -> None:
    (own,) = write(tmp_path, own='pack = "one"\n[hub]\ntext = "redacted"\n')
    settings = load(own, if_there=[tmp_path / "trust" / "hub.toml"])
    assert (settings.hub, settings.pack) == (None, "one")
    with pytest.raises(KioskError, match=f"{own}: hub.broker: Field required"):
        load(own)
    with pytest.raises(KioskError, match=r"none\.toml: cannot be read"):
        load(own, more=[tmp_path / "none.toml"])


def test_the_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    wrong, right, half = write(tmp_path, wrong="[turn]\nend = 1", right="", half='[hub]\nx = "1"')
    with pytest.raises(KioskError, match=f"{wrong}: turn.end"):
        load(None, more=[wrong, right])
    with pytest.raises(KioskError, match=f"{half}: hub.broker"):
        load(None, more=[right], if_there=[half])
