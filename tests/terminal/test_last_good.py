from __future__ import annotations

from pathlib import Path

import pytest

from terminal.config import Settings, load
from terminal.errors import KioskError
from terminal.last_good import FILE, LastGood


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text("[turn]\nend_s = 0.8\n")
    return path


def read(file: Path) -> tuple[Settings, str]:
    return LastGood(file.parent / "state", [file]).read(lambda: load(file))


def served(file: Path) -> None:
    LastGood(file.parent / "state", [file]).keep(load(file))


@pytest.mark.parametrize("broken", [b"[turn", b"[turn]\nend_s = 'x'\n", b"\xff\xfe", None])
def test_what_cannot_be_read_is_replaced_by_what_served_last(
    file: Path, broken: bytes | None
) -> None:
    served(file)
    if broken is None:
        file.unlink()
    else:
        file.write_bytes(broken)
    settings, told = read(file)
    assert settings.turn.end_s == 0.8
    assert str(file) in told


def test_what_can_be_read_is_used(file: Path) -> None:
    served(file)
    file.write_text("[turn]\nend_s = 0.9\n")
    settings, told = read(file)
    assert (settings.turn.end_s, told) == (0.9, "")


def test_without_a_copy_of_these_very_files_it_is_a_mistake(file: Path) -> None:
    served(file)
    other = file.with_name("other.toml")
    with pytest.raises(KioskError, match=r"other\.toml"):
        read(other)
    file.write_text("[")
    (file.parent / "state" / FILE).write_text("{")
    with pytest.raises(KioskError, match="not valid TOML"):
        read(file)


def test_the_same_settings_are_not_written_again(file: Path) -> None:
    served(file)
    copy = file.parent / "state" / FILE
    before = copy.stat().st_ino
    served(file)
    assert copy.stat().st_ino == before
    assert copy.stat().st_mode & 0o777 == 0o600
