"""This machine's own system, laid under a scratch disk: an image to install into, and to work in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.provisioning.install.tiny import REPO


class Image:
    """A system that is this one's, until it is written to: then it is of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.disk, self.root = folder / "disk", folder / "root"
        for each in (self.disk, self.root):
            each.mkdir()
        mount("-t", "tmpfs", "-o", "size=300m", "none", str(self.disk))
        (self.disk / "upper").mkdir()
        (self.disk / "work").mkdir()
        layers = f"lowerdir=/,upperdir={self.disk}/upper,workdir={self.disk}/work"
        mount("-t", "overlay", "-o", layers, "none", str(self.root))

    def close(self) -> None:
        for each in (self.root, self.disk):
            subprocess.run(["umount", "--lazy", str(each)], check=True)

    def install(self, bundle: Path, *options: str) -> tuple[int, str]:
        """Exit status, and what it says."""
        command = ["bash", str(bundle / "install.sh"), "--root", str(self.root), *options]
        return _done(command)

    def kiosk(self, *words: str) -> tuple[int, str]:
        """The checkout's own `kiosk` on the image's machine, which has no systemd: status and words.

        What lies in the test's folder is there under the same name.
        """
        enter = (
            'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; cd "$0"; '
            'mkdir -p ".$1"; mount --bind "$1" ".$1"; shift; exec chroot . "$@"'
        )
        python = ["env", f"PYTHONPATH={REPO}", sys.executable, "-m", "terminal.cli"]
        own = ["unshare", "--mount", "--propagation", "private", "bash", "-euc", enter]
        return _done([*own, str(self.root), str(self._folder), *python, *words])

    def written(self) -> set[str]:
        """Files that the system has now and this machine has not."""
        upper = self.disk / "upper"
        found = {str(file.relative_to(upper)) for file in upper.rglob("*") if file.is_file()}
        return {file for file in found if "lobby-kiosk" in file}


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


@contextmanager
def mounted(folder: Path) -> Iterator[Image]:
    """In `folder`, for as long as it is wanted."""
    image = Image(folder)
    try:
        yield image
    finally:
        image.close()


def _done(command: list[str]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, done.stdout + done.stderr
