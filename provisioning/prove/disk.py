"""A kiosk's disk, from which the power can be taken: ext4 in a file."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import time
from pathlib import Path

BYTES = 16 << 30
"""Of which the file takes only what is written."""
GOING_DOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h."""
WITHOUT_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: what has not reached the disk never will."""
FREE_S = 60.0
"""For the last of its users to go."""


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
        """Back when nobody uses it, in no mount namespace; TimeoutError after `FREE_S`."""
        end = time.monotonic() + FREE_S
        while not self._is_free():
            if time.monotonic() > end:
                raise TimeoutError(f"{self._file} is still in use")
            time.sleep(0.2)

    def _is_free(self) -> bool:
        if self.root.is_mount():
            try:
                _run("umount", self.root)
            except OSError:  # Processes that were killed go one after another.
                return False
        return not _run("losetup", "--associated", self._file)

    def check(self) -> None:
        """Unmounted: OSError where the file system is not sound once its journal was played."""
        self.mount()
        self.unmount()
        _run("e2fsck", "-f", "-n", self._file)


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{command[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
