"""What the demo does about its pack at its hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.demo_pack import Here, Step, access, step
from terminal.errors import KioskError

HERE = Here("gov-hall", 3, "d3")


@pytest.mark.parametrize(
    ("known", "desired", "digest", "wanted"),
    [
        ([], None, None, Step(publish=True, roll_out="gov-hall@3")),
        (["gov-hall@2"], "gov-hall@2", None, Step(publish=True, roll_out="gov-hall@3")),
        (["bank-hall@9"], "bank-hall@9", None, Step(publish=True, roll_out="gov-hall@3")),
        (["gov-hall@3"], "gov-hall@3", "d3", Step()),
        (["gov-hall@3", "gov-hall@12"], "gov-hall@12", "d3", Step()),
        (["gov-hall@3", "bank-hall@1"], "bank-hall@1", "d3", Step(roll_out="gov-hall@3")),
        (["gov-hall@4", "bank-hall@1"], "bank-hall@1", None, Step(roll_out="gov-hall@4")),
        (["gov-hall@3"], None, "d3", Step(roll_out="gov-hall@3")),
    ],
)
def test_step(known: list[str], desired: str | None, digest: str | None, wanted: Step) -> None:
    assert step(HERE, known, desired, digest) == wanted


def test_changed_without_a_new_version_is_told() -> None:
    found = step(HERE, ["gov-hall@3"], "gov-hall@3", "other")
    assert (found.publish, found.roll_out) == (False, None)
    assert found.warn == "gov-hall@3 was changed here: raise its version, then kiosk fleet push"


def test_access_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match=r"admin.toml: is gone or damaged.*begin anew"):
        access(tmp_path / "admin.toml")
