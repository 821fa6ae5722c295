"""Files that a power cut leaves old or new: every call that matters is a step, for those who cut.

Temporary file, write, fsync, rename, fsync of the folder; a file that is removed is removed last.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from terminal.errors import KioskError

TEMPORARY = ".new-"

Step = Callable[[str], None]


class Disk:
    """Writes and removes."""

    def __init__(self, step: Step = lambda _name: None) -> None:
        """`step`: is told before each call; tests end the process there."""
        self._step = step

    def folder(self, path: Path) -> None:
        """Make it, its parents too."""
        with _told(path):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, path: Path, content: bytes, mode: int = 0o644) -> None:
        """`content` at `path`, whole or not at all; KioskError where the disk does not take it."""
        temporary = path.with_name(TEMPORARY + path.name)
        with _told(path):
            try:
                self._step(f"open {path.name}")
                temporary.unlink(missing_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(temporary, flags, mode), "wb") as file:
                    middle = len(content) // 2
                    file.write(content[:middle])
                    file.flush()
                    self._step(f"write {path.name}")
                    file.write(content[middle:])
                    file.flush()
                    self._step(f"fsync {path.name}")
                    os.fsync(file.fileno())
                self._step(f"rename {path.name}")
                temporary.replace(path)
                self._step(f"fsync folder of {path.name}")
                sync_folder(path.parent)
                self._step(f"done {path.name}")
            except OSError:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise

    def point(self, link: Path, target: str) -> None:
        """`link` leads to `target` from now on, or as before; also where a file was."""
        temporary = link.with_name(TEMPORARY + link.name)
        with _told(link):
            self._step(f"link {link.name}")
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(target)
            self._step(f"rename {link.name}")
            temporary.replace(link)
            self._step(f"fsync folder of {link.name}")
            sync_folder(link.parent)

    def remove(self, path: Path) -> None:
        """What is gone already, or cannot be removed, is left for the next time."""
        self._step(f"remove {path.name}")
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make what was renamed in a folder last."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _told(path: Path):  # type: ignore[no-untyped-def] # noqa: ANN202 - a generator's long name
    try:
        yield
    except OSError as error:
        raise KioskError("internal", f"{path}: cannot be written ({error.strerror})") from error
