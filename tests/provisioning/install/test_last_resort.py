"""A kiosk that fails at every start restarts its machine twice a day, not for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.install import last_resort

DAY_S = 86_400.0
NOW = 1_800_000_000.0


def test_two_restarts_a_day_and_no_third(tmp_path: Path) -> None:
    file = tmp_path / "restarts.json"
    assert [last_resort.allowed(file, NOW + minute * 60) for minute in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert last_resort.read(file) == [NOW, NOW + 60]
    assert last_resort.allowed(file, NOW + DAY_S + 1)
    assert last_resort.read(file) == [NOW + 60, NOW + DAY_S + 1]


def test_clock_that_went_back_allows_no_more(tmp_path: Path) -> None:
    file = tmp_path / "restarts.json"
    assert last_resort.allowed(file, NOW)
    assert last_resort.allowed(file, NOW)
    assert not last_resort.allowed(file, 1000.0)


@pytest.mark.parametrize("text", ["", "[", "{}", '["now"]', "[null]", "7"])
def test_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "restarts.json"
    file.write_text(text)
    assert last_resort.allowed(file, NOW)
    assert last_resort.read(file) == [NOW]


def test_what_cannot_be_noted_is_not_done(tmp_path: Path) -> None:
    (tmp_path / "opt").write_text("a file in the folder's place")
    assert not last_resort.allowed(tmp_path / "opt/restarts.json", NOW)
