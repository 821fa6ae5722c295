"""Room on the kiosk's disks, as its /health tells it. Full and read-only: tests/test_kiosk_disk.py."""

from __future__ import annotations

from pathlib import Path

from terminal import disk_space


def test_a_folder_that_is_not_made_yet_has_its_disks_room(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    told = disk_space.report({"cache": folder, "state": tmp_path})
    assert told["cache"]["folder"] == str(folder)
    assert told["cache"]["state"] == "on"
    free_mb = told["cache"]["free_mb"]
    assert isinstance(free_mb, int)
    assert free_mb > 5
    assert not folder.exists()
