from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioning.ownership import as_owner_of

NOBODY = 65_534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write for others")
def test_root_writes_as_the_folders_owner(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, NOBODY, NOBODY)
    # The parents that pytest makes are closed to others.
    for each in (tmp_path, *tmp_path.parents[:3]):
        each.chmod(0o755)
    with as_owner_of(state / "trust" / "deeper"):
        (state / "mine").write_text("x")
    (tmp_path / "roots").write_text("x")
    assert (state / "mine").stat().st_uid == NOBODY
    assert (tmp_path / "roots").stat().st_uid == 0
    assert os.geteuid() == 0
