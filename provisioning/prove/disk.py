"""A kiosk's disk, from which the power can be taken: ext4 in a file."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from pathlib import Path

BYTES = 16 << 30
"""Of which the file takes only what is written."""
GOING_DOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h."""
WITHOUT_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: what has not reached the disk never will."""


class Disk:
    """Made anew; mounted at `root`."""

    def __init__(self, file: Path, root: Path) -> None:
        self._file = file
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if root.is_mount():
            _run("umount", root)
        file.unlink(missing_ok=True)
        with file.open("wb") as made:
            made.truncate(BYTES)
        _run("mkfs.ext4", "-q", "-F", file)
        self.mount()

    def mount(self) -> None:
        """The journal is played, as at a start of the machine."""
        _run("mount", "-o", "loop", self._file, self.root)

    def cut(self) -> None:
        """From now on nothing is written, not even what was before and only waits in memory."""
        top = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(top, GOING_DOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(top)

    def unmount(self) -> None:
        """When nobody uses it."""
        _run("umount", self.root)

    def check(self) -> None:
        """Unmounted: OSError where the file system is not sound once its journal was played."""
        self.mount()
        self.unmount()
        _run("e2fsck", "-f", "-n", self._file)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{command[0]}: {(done.stderr or done.stdout).strip()}")
