"""What systemd hears of the kiosk, over real sockets."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from terminal.notify import MOST_STATUS, Notifier
from tests.notified import Manager


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Manager:
    address = tmp_path / "notify" if request.param == "path" else f"@kiosk-test-{os.getpid()}"
    return Manager(address)


def test_a_life_from_loading_to_the_end(manager: Manager) -> None:
    with manager:
        notifier = Notifier({"NOTIFY_SOCKET": manager.address})
        assert notifier.is_heard
        notifier.loading("models", 45.0)
        notifier.ready("serving")
        notifier.alive()
        notifier.status("out of service:\ntoo hot")
        notifier.stopping()
        assert manager.listen() == [
            {"EXTEND_TIMEOUT_USEC": "45000000", "STATUS": "models"},
            {"READY": "1", "STATUS": "serving"},
            {"WATCHDOG": "1"},
            {"STATUS": "out of service: too hot"},
            {"STOPPING": "1", "STATUS": "stopping"},
        ]


def test_what_is_said_is_what_systemd_s_own_program_says(tmp_path: Path) -> None:
    program = shutil.which("systemd-notify")
    if program is None:
        pytest.skip("no systemd-notify: this machine has no systemd")
    with Manager(tmp_path / "notify") as manager:
        subprocess.run(
            [program, "--no-block", "--ready", "--status=serving"],
            env={**os.environ, "NOTIFY_SOCKET": manager.address},
            check=True,
            timeout=20,
        )
        Notifier({"NOTIFY_SOCKET": manager.address}).ready("serving")
        theirs, ours = (
            {name: value for name, value in each.items() if name in ("READY", "STATUS")}
            for each in manager.listen()[:2]
        )
    assert ours == theirs


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_a_manager_nothing_happens(environment: dict[str, str]) -> None:
    notifier = Notifier(environment)
    notifier.ready("serving")
    assert not notifier.is_heard
    assert notifier.watchdog_s == 0


def test_a_manager_that_is_gone_or_deaf_costs_nothing(tmp_path: Path) -> None:
    gone = Notifier({"NOTIFY_SOCKET": str(tmp_path / "none")})
    gone.alive()
    with Manager(tmp_path / "notify") as manager:
        notifier = Notifier({"NOTIFY_SOCKET": manager.address})
        for _ in range(5000):  # More than its socket holds: it must not wait.
            notifier.alive()
        assert manager.told("WATCHDOG")


def test_the_watchdog_s_time_is_ours_only(tmp_path: Path) -> None:
    ours = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    assert Notifier(ours).watchdog_s == 30
    assert Notifier({"WATCHDOG_USEC": "30000000"}).watchdog_s == 30
    assert Notifier({**ours, "WATCHDOG_PID": "1"}).watchdog_s == 0
    assert Notifier({**ours, "WATCHDOG_USEC": "soon"}).watchdog_s == 0


def test_a_status_is_one_short_line(tmp_path: Path) -> None:
    with Manager(tmp_path / "notify") as manager:
        Notifier({"NOTIFY_SOCKET": manager.address}).status("暂停服务\n" * 500)
        (status,) = manager.told("STATUS")
    assert len(status) <= MOST_STATUS
