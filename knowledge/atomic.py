"""Files that are wholly there or not at all, whenever the power goes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from fleet.errors import KioskError


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put `content` at `path`: temporary file, fsync, rename, fsync of the folder."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise KioskError("input", f"{path}: cannot be written ({error.strerror})") from error


def folder(path: Path) -> None:
    """Make `path` a folder, its parents too."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise KioskError("input", f"{path}: cannot be made a folder ({error.strerror})") from error


def sync_folder(path: Path) -> None:
    """Make what was renamed in a folder last."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
