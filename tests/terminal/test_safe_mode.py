from __future__ import annotations

from pathlib import Path

import pytest

from terminal.config import Settings
from terminal.safe_mode import (
    ALONE_FROM,
    BARE_FROM,
    FILE,
    MOST,
    Starts,
    lighter,
    mode_after,
)


@pytest.mark.parametrize(
    ("failed", "mode"),
    [(0, "normal"), (2, "normal"), (3, "factory_pack"), (4, "factory_pack"), (5, "bare")],
)
def test_the_more_starts_fail_the_less_is_tried(failed: int, mode: str) -> None:
    assert mode_after(failed) == mode


def test_starts_that_never_turn_out_well_are_counted_over_restarts(tmp_path: Path) -> None:
    modes = [Starts(tmp_path).begin() for _ in range(7)]
    assert modes == ["normal"] * 3 + ["factory_pack"] * 2 + ["bare"] * 2


def test_power_cuts_of_a_kiosk_that_served_are_no_failed_starts(tmp_path: Path) -> None:
    for number in range(9):
        starts = Starts(tmp_path, boot=f"boot {number}")
        assert starts.begin() == "normal"
        starts.served()
    # The machine stays, and the program ends again and again, served or not: these have failed.
    modes = []
    for _ in range(4):
        starts = Starts(tmp_path, boot="boot 9")
        modes.append(starts.begin())
        starts.served()
    assert modes == ["normal"] * 3 + ["factory_pack"]


def test_a_machine_that_starts_anew_before_its_kiosk_serves_is_counted(tmp_path: Path) -> None:
    modes = [Starts(tmp_path, boot=f"boot {number}").begin() for number in range(4)]
    assert modes[-1] == "factory_pack"


def test_one_that_turns_out_well_wipes_the_count(tmp_path: Path) -> None:
    for _ in range(5):
        Starts(tmp_path).begin()
    Starts(tmp_path).wipe()
    assert Starts(tmp_path).begin() == "normal"


@pytest.mark.parametrize("content", [b"", b"{", b'{"failed": -1}', b'{"failed": "5"}', b"\xff" * 9])
def test_a_damaged_file_is_no_failed_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    starts = Starts(tmp_path)
    assert (starts.failed, starts.begin()) == (0, "normal")
    assert Starts(tmp_path).failed == 1


def test_the_count_is_bounded(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f'{{"failed": {MOST}}}')
    Starts(tmp_path).begin()
    assert Starts(tmp_path).failed == MOST


def test_a_folder_that_cannot_be_written_is_counted_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    starts = Starts(tmp_path / "file" / "state")
    assert [starts.begin() for _ in range(4)][-1] == "factory_pack"


def test_a_kiosk_whose_program_ends_again_and_again_is_alone(tmp_path: Path) -> None:
    starts = Starts(tmp_path)
    alone = []
    for _ in range(9):
        alone.append(starts.is_alone)
        starts.begin()
    assert alone == [False] * ALONE_FROM + [True] * 2
    starts.hold()  # This time it only could not load.
    assert (starts.is_alone, starts.mode) == (False, "bare")
    Starts(tmp_path).hold()
    assert Starts(tmp_path).failed == BARE_FROM


def test_a_bare_start_leaves_out_what_may_fail() -> None:
    hub = {"broker": "hub:8883", "device": "a", "trust": "/t"}
    whole = Settings.model_validate(
        {"hub": hub, "presence": {"camera": "/dev/video0"}, "attention": {"policy": "both"}}
    )
    assert lighter(whole, "factory_pack") == whole
    bare = lighter(whole, "bare")
    assert (bare.hub, bare.presence.camera, bare.attention.policy) == (None, "off", "open")
