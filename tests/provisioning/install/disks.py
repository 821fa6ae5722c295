"""A disk from which the power can be taken: ext4 in a file, and with it goes what was not synced."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

from provisioning.prove.disk import GOING_DOWN, WITHOUT_FLUSH
from tests.servers import wait_until

BYTES = 256 << 20
"""Of which the file takes only what is written."""


def why_not() -> str:
    """What this machine lacks for such a disk; empty: nothing."""
    if os.geteuid() != 0:
        return "a disk is mounted by root alone"
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is not here: apt-get install e2fsprogs"
    found = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
    return "" if found.returncode == 0 else f"no loop devices here: {found.stderr.strip()}"


class Disk:
    """Mounted at `root`, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self._file = folder / "disk"
        with self._file.open("wb") as made:
            made.truncate(BYTES)
        _run("mkfs.ext4", "-q", "-F", str(self._file))
        self._mount()

    def cut(self) -> None:
        """The power goes and comes again; nobody uses the disk."""
        lose_unwritten(self.root)
        self.start_again()

    def start_again(self) -> None:
        """After a cut. The journal is played, as at a start of the machine.

        From a copy: whoever has mounts of its own may hold the dead file system for long.
        """
        self.close()
        copy = self._file.with_name("copy")
        _run("cp", "--sparse=always", str(self._file), str(copy))
        copy.replace(self._file)
        self._mount()

    def close(self) -> None:
        """Who was killed may hold it for a moment."""
        wait_until(self._unmounted, "the disk to be nobody's")

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._file), str(self.root))

    def _unmounted(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            _run("umount", str(self.root))
        return not self.root.is_mount()


def lose_unwritten(root: Path) -> None:
    """Nothing is written to the ext4 at `root` any more, not even what waits in memory."""
    top = os.open(root, os.O_RDONLY)
    try:
        fcntl.ioctl(top, GOING_DOWN, struct.pack("I", WITHOUT_FLUSH))
    finally:
        os.close(top)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
