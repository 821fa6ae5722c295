"""Writes that a power cut leaves either undone or done."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def write(file: Path, text: str | bytes, mode: int = 0o644) -> None:
    """All of `text`, or what was there before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out:
        os.fchmod(out.fileno(), mode)
        out.write(text.encode() if isinstance(text, str) else text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
    sync_folder(file.parent)


def link(name: Path, target: str) -> None:
    """A symbolic link, made or turned around in one step."""
    name.parent.mkdir(parents=True, exist_ok=True)
    part = name.with_name(f".{name.name}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(name)
    sync_folder(name.parent)


def remove(file: Path) -> None:
    """A file or a link, if it is there."""
    if file.is_symlink() or file.exists():
        file.unlink()
        sync_folder(file.parent)


def sync_all(folder: Path) -> None:
    """All that was written to the file system that it is on; other disks are not waited for."""
    subprocess.run(["sync", "--file-system", str(folder)], check=True)


def sync_folder(folder: Path) -> None:
    """What was made, renamed and removed in it is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
