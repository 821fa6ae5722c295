"""What enrolment leaves on a kiosk, in generations: one is in use, and a power cut never mixes two.

3/                key, certificate, whom to trust, settings: one generation
now -> 3          the one in use; turned by one rename
next -> 4         one that the broker has not accepted yet
device.pem -> now/device.pem, and so on: the paths that settings name, always the same
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from terminal.sync.disk import TEMPORARY, Disk, sync_folder

KEY, CERTIFICATE, CA = "device.key.pem", "device.pem", "ca.pem"
ROOT, KEYS, SETTINGS = "root.json", "keys.json", "hub.toml"
NAMES = (KEY, CERTIFICATE, CA, ROOT, KEYS, SETTINGS)
_NOW, _NEXT = "now", "next"
_SECRET = 0o600


class Trust:
    """One kiosk's folder."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """`disk`: tests cut the power in it."""
        self.folder = folder
        self._disk = disk or Disk()

    @property
    def is_there(self) -> bool:
        """Whether the kiosk is enrolled."""
        return (self.folder / KEYS).is_file()

    @property
    def trial(self) -> Path | None:
        """The generation that is to be tried."""
        link = self.folder / _NEXT
        return link.resolve() if (link / CERTIFICATE).is_file() else None

    def read(self) -> dict[str, bytes]:
        """The generation in use."""
        return _files(self.folder)

    def install(self, files: Mapping[str, bytes]) -> None:
        """In use from now on: the first, or in place of what there was."""
        self._disk.folder(self.folder)
        self.folder.chmod(0o700)
        self._adopt()
        self._turn(self._save(files))

    def try_out(self, files: Mapping[str, bytes]) -> Path:
        """To be tried: `accept` or `reject` comes next, after a restart too. Its folder."""
        self._adopt()
        name = self._save(files)
        self._disk.point(self.folder / _NEXT, name)
        return self.folder / name

    def accept(self) -> None:
        """What was tried is in use now, and the one before is gone."""
        trial = self.trial
        if trial is not None:
            self._turn(trial.name)

    def reject(self) -> None:
        """What was tried is gone."""
        self._disk.remove(self.folder / _NEXT)
        self._tidy()

    def _adopt(self) -> None:
        """Of a folder where the files themselves lie: they become its first generation."""
        if not (self.folder / _NOW).is_symlink() and (self.folder / KEYS).is_file():
            self._disk.point(self.folder / _NOW, self._save(_files(self.folder)))
        for name in NAMES:
            target = f"{_NOW}/{name}"
            link = self.folder / name
            if not (link.is_symlink() and str(link.readlink()) == target):
                self._disk.point(link, target)

    def _save(self, files: Mapping[str, bytes]) -> str:
        """A new generation, that nothing leads to yet; its name."""
        self._tidy()
        taken = [int(each.name) for each in self.folder.iterdir() if each.name.isdecimal()]
        folder = self.folder / str(max(taken, default=0) + 1)
        self._disk.folder(folder)
        for name, content in files.items():
            self._disk.put(folder / name, content, _SECRET if name == KEY else 0o644)
        sync_folder(self.folder)
        return folder.name

    def _turn(self, name: str) -> None:
        self._disk.point(self.folder / _NOW, name)
        self.reject()

    def _tidy(self) -> None:
        """Whatever nothing leads to."""
        links = (self.folder / _NOW, self.folder / _NEXT)
        used = {str(link.readlink()) for link in links if link.is_symlink()}
        for each in list(self.folder.iterdir()):
            if each.name.isdecimal() and each.name not in used:
                self._disk.remove(each / KEY)
                shutil.rmtree(each, ignore_errors=True)
            elif each.name.startswith(TEMPORARY):
                self._disk.remove(each)


def _files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in NAMES if (folder / name).is_file()}
