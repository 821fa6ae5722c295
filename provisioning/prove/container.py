"""A Debian system that is started as a machine is: systemd as the first process, its own network.

Needs root, debootstrap and systemd-container.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from provisioning.prove.disk import Disk

NETWORK = "lobby-kiosk-prove"
"""A network namespace with nothing but loopback."""
INCLUDE = "systemd,systemd-sysv,dbus,udev,init"
ENVIRONMENT = ("env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8")
REBOOT = 133
"""systemd-nspawn's exit status where the container asks to be started anew."""
HEALTH = (
    "import urllib.request as u;"
    "print(u.urlopen('http://127.0.0.1:8080/healthz', timeout=5).read().decode())"
)


def empty_root(release: str, folder: Path) -> Path:
    """The smallest Debian; made once."""
    root = folder / f"empty-{release}"
    whole = root / ".whole"
    if not whole.exists():
        shutil.rmtree(root, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={INCLUDE}", release, str(root)]
        with (folder / "debootstrap.log").open("wb") as log:
            subprocess.run(command, stdout=log, stderr=log, check=True)
        whole.touch()
    return root


def make_network() -> None:
    """Anew."""
    subprocess.run(["ip", "netns", "delete", NETWORK], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "add", NETWORK], check=True)
    subprocess.run([*in_network(), "ip", "link", "set", "lo", "up"], check=True)


def in_network() -> list[str]:
    """A command's beginning. Not `ip netns exec`: that would hold a copy of all mounts."""
    return ["nsenter", f"--net=/run/netns/{NETWORK}"]


class Container:
    """From one start to the next."""

    def __init__(self, disk: Disk, shown: Sequence[tuple[Path, str]], log: Path) -> None:
        """`shown`: folders of this machine, and where they are seen; read-only."""
        self._disk = disk
        self._shown = [f"--bind-ro={here}:{there}" for here, there in shown]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Switched on."""
        (self._disk.root / "etc/machine-id").write_text("")
        command = [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
            "--console=pipe", "--timezone=off",
            f"--network-namespace-path=/run/netns/{NETWORK}", *self._shown,
            "-D", str(self._disk.root),
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.inside("systemctl", "show", "-P", "Version", patience_s=60)

    def first(self) -> int:
        """Its first process, as this machine numbers it; LookupError: none."""
        if self._process is None or self._process.poll() is not None:
            raise LookupError("the container has ended")
        found = psutil.Process(self._process.pid).children()
        if not found:
            raise LookupError("the container has no process yet")
        return int(found[0].pid)

    def command(self, *words: str) -> list[str]:
        """To be run on this machine, to run `words` in there."""
        return ["nsenter", "-t", str(self.first()), "-a", *ENVIRONMENT, *words]

    def inside(self, *words: str, patience_s: float = 0) -> str:
        """What it prints; CalledProcessError or LookupError when `patience_s` are over."""
        end = time.monotonic() + patience_s
        hush = subprocess.DEVNULL if patience_s else None
        while True:
            try:
                done = subprocess.run(
                    self.command(*words),
                    stdout=subprocess.PIPE, stderr=hush, text=True, check=True,
                )  # fmt: skip
            except (LookupError, subprocess.CalledProcessError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
            else:
                return done.stdout.strip()

    def ready_s(self, patience_s: float = 300) -> float:
        """Seconds from now until the kiosk's page serves."""
        begin = time.monotonic()
        try:
            self.inside("python3", "-c", HEALTH, patience_s=patience_s)
        except subprocess.CalledProcessError:
            print(self.inside("journalctl", "--no-pager", "-n60"))
            raise
        return time.monotonic() - begin

    def restarts(self, patience_s: float = 300) -> None:
        """When the machine starts itself anew; TimeoutExpired or ValueError if it does not."""
        assert self._process is not None  # noqa: S101 - it was started
        if (status := self._process.wait(patience_s)) != REBOOT:
            raise ValueError(f"the container ended with status {status}")
        self.start()

    def pull_the_plug(self) -> None:
        """What had not reached the disk is lost; every process is gone at once."""
        self._disk.cut()
        assert self._process is not None  # noqa: S101 - it was started
        for each in (psutil.Process(self.first()), psutil.Process(self._process.pid)):
            each.kill()
        self._process.wait()
        self._process = None
        self._disk.unmount()
        self._disk.check()
        self._disk.mount()

    def stop(self) -> None:
        """Switched off in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(120)
            self._process = None
