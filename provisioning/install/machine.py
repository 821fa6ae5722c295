"""What installing needs of the machine itself: users, services, and the kiosk's own verdict."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from provisioning.install.report import Report, Trouble
from provisioning.layout import USER, Layout

GROUPS = ("audio", "video", "input", "gpio", "i2c", "lp", "render", "plugdev", "dialout")
"""Owners of the devices that a kiosk has; those that a system has not are left out."""
SERVICE = "lobby-kiosk.service"
SCREEN = "lobby-kiosk-screen.service"
TIMER = "lobby-kiosk-enrol.timer"
TRIES = 3
"""Starts of a version that ends at once; before systemd's own patience ends (StartLimitBurst)."""
READY_S = 300
"""Models load in 10 s on a quick machine; a slow card takes minutes the first time."""


class Machine(Protocol):
    """Fakes stand in for it in tests: those need no users and no systemd."""

    def make_user(self) -> None:
        """The kiosk's user is there, in the groups of its devices."""

    def remove_user(self) -> None:
        """It is not."""

    def give(self, folder: Path) -> None:
        """To the kiosk's user; not what is in it."""

    def let_read(self, file: Path) -> None:
        """The kiosk's group may, by the file's mode."""

    def user_id(self) -> int:
        """Of the kiosk's user."""

    def as_user(self, command: Sequence[str], env: Mapping[str, str], timeout_s: float) -> str:
        """What it prints. Raises subprocess.SubprocessError."""

    def reload(self) -> None:
        """Units were changed."""

    def restart(self) -> None:
        """The kiosk, in the version that is current."""

    def stop(self) -> None:
        """The kiosk and its screen."""

    def is_ready(self, url: str) -> bool:
        """It serves; waits for that."""


class ThisMachine:
    """The one that this runs on, or in: a chroot has no services to speak of."""

    def __init__(self, report: Report, layout: Layout) -> None:
        self._report = report
        self._layout = layout
        self._has_systemd = Path("/run/systemd/system").is_dir()

    def make_user(self) -> None:
        """As in Machine."""
        try:
            pwd.getpwnam(USER)
        except KeyError:
            home = str(self._layout.state)
            self._run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home,
                      "--shell", "/usr/sbin/nologin", USER)  # fmt: skip
        known = {group.gr_name for group in grp.getgrall()}
        groups = ",".join(name for name in GROUPS if name in known)
        if groups:
            self._run("usermod", "--append", "--groups", groups, USER)

    def remove_user(self) -> None:
        """As in Machine."""
        try:
            pwd.getpwnam(USER)
        except KeyError:
            return
        if self._has_systemd:
            self._try("loginctl", "terminate-user", USER)
        self._run("userdel", USER)

    def give(self, folder: Path) -> None:
        """As in Machine."""
        user = pwd.getpwnam(USER)
        os.chown(folder, user.pw_uid, user.pw_gid, follow_symlinks=False)

    def let_read(self, file: Path) -> None:
        """As in Machine."""
        os.chown(file, 0, grp.getgrnam(USER).gr_gid)

    def user_id(self) -> int:
        """As in Machine."""
        return pwd.getpwnam(USER).pw_uid

    def as_user(self, command: Sequence[str], env: Mapping[str, str], timeout_s: float) -> str:
        """As in Machine."""
        whole = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *command]
        return run(whole, env, self._report, timeout_s)

    def reload(self) -> None:
        """As in Machine."""
        if self._has_systemd:
            self._run("systemctl", "daemon-reload")
            self._try("udevadm", "control", "--reload")
            self._try("systemctl", "try-restart", "systemd-journald", "systemd-timesyncd")

    def restart(self) -> None:
        """As in Machine: its unit says when it is ready, or that it failed."""
        self._try("systemctl", "reset-failed", SERVICE)
        self._try("systemctl", "restart", f"user@{self.user_id()}.service")
        self._try("systemctl", "restart", SERVICE)
        self._try("systemctl", "restart", "--no-block", SCREEN, TIMER)

    def stop(self) -> None:
        """As in Machine."""
        if self._has_systemd:
            for unit in (TIMER, SCREEN, SERVICE):
                self._try("systemctl", "stop", unit)

    def is_ready(self, url: str) -> bool:
        """As in Machine."""
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return True
            except OSError:
                pass
            if not self._is_trying():
                return False
            time.sleep(1)
        return False

    def _is_trying(self) -> bool:
        command = ["systemctl", "show", "--property=ActiveState,NRestarts", SERVICE]
        said = subprocess.run(command, check=False, capture_output=True, text=True).stdout
        shown = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        alive = shown.get("ActiveState") in {"active", "activating", "reloading"}
        return alive and int(shown.get("NRestarts") or 0) < TRIES

    def _run(self, *command: str) -> None:
        try:
            run(command, os.environ, self._report)
        except subprocess.SubprocessError as error:
            raise Trouble(
                "missing", f"系统命令 {command[0]} 失败：详见日志", f"{command}: {error}"
            ) from error

    def _try(self, *command: str) -> None:
        try:
            run(command, os.environ, self._report, READY_S + 60)
        except (OSError, subprocess.SubprocessError) as error:
            self._report.note(f"{' '.join(command)}: {error}")


def run(
    command: Sequence[str], env: Mapping[str, str], report: Report, timeout_s: float | None = None
) -> str:
    """What it prints; what it complains of goes to the log. Raises SubprocessError, OSError."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=dict(env), timeout=timeout_s,
        stdin=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    for text in (done.stdout, done.stderr):
        if text.strip():
            report.note(f"[{Path(command[0]).name}] {text}")
    done.check_returncode()
    return done.stdout
