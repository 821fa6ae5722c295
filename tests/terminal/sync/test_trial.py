"""The self-test's process: it yields as far as it may."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from terminal.sync import trial

SHOWN = (
    "import os, psutil\n"
    "from terminal.sync import trial\n"
    "trial.yield_to_others(trial._ways())\n"
    "print(os.nice(0), psutil.Process().ionice().ioclass == psutil.IOPRIO_CLASS_IDLE)\n"
)


def test_it_is_as_idle_as_a_process_can_be() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.split() == ["19", "True"]
    assert done.stderr == ""


@pytest.mark.parametrize("error", [PermissionError(1, "not permitted"), psutil.AccessDenied()])
def test_a_sandbox_that_forbids_one_way_leaves_the_others(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    taken: list[str] = []

    def forbidden() -> None:
        raise error

    trial.yield_to_others([forbidden, lambda: taken.append("next")])
    assert taken == ["next"]
    assert "not as idle as it should be" in capsys.readouterr().err
