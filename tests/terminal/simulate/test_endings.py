"""`kiosk simulate` that is told to end, as a process: nothing of it is left on the machine."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.servers import wait_until

pytestmark = pytest.mark.broker
WANTED = ["--kiosks", "3", "--rate", "3", "--minutes", "10", "--devices", "1"]


@pytest.mark.parametrize(
    ("number", "more", "said", "status"),
    [
        # As what is in the background of a shell: there SIGINT is ignored.
        pytest.param(signal.SIGTERM, ["--chaos"], "events/s", 143, id="SIGTERM under chaos"),
        pytest.param(signal.SIGINT, [], "are up", 130, id="SIGINT while kiosks enrol"),
    ],
)
def test_nothing_is_left(
    tmp_path: Path, number: int, more: list[str], said: str, status: int
) -> None:
    folder = tmp_path / "simulation"
    command = [sys.executable, "-m", "terminal.cli", "simulate", "--keep", str(folder)]
    ignored = number == signal.SIGTERM
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *WANTED, *more],
            stdout=log,
            stderr=log,
            preexec_fn=_ignore_interrupts if ignored else None,  # noqa: PLW1509
        )
    try:
        wait_until(lambda: said in (tmp_path / "log").read_text(), said, 120)
        own = psutil.Process(process.pid).children(recursive=True)
        assert own
        process.send_signal(number)
        process.send_signal(number)
        assert process.wait(60) == status, (tmp_path / "log").read_text()
    finally:
        process.kill()
    assert [each for each in own if each.is_running()] == []
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
    assert "Traceback" not in (tmp_path / "log").read_text()


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
