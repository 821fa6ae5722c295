"""What the kiosk's disks have to spare: looked up when asked for, and nothing is written for it.

A disk that fills up or turns read-only (as a worn SD card does) costs the kiosk its caches and its
memory of a power cut, never an answer; but somebody must be told.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

MB = 1_000_000
FULL_MB = 5.0
"""Below it a database's next page and a clause of speech may not fit any more."""
State = Literal["on", "full", "read_only", "no_permission", "lost"]


def report(folders: Mapping[str, Path]) -> dict[str, dict[str, object]]:
    """Of each folder, or of where it would be made: the disk's state and room."""
    return {name: _look(folder) for name, folder in folders.items()}


def _look(folder: Path) -> dict[str, object]:
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        disk = os.statvfs(there)
    except OSError:
        return {"folder": str(folder), "state": "lost", "free_mb": None}
    free_mb = disk.f_bavail * disk.f_frsize / MB
    return {"folder": str(folder), "state": _state(there, disk, free_mb), "free_mb": round(free_mb)}


def _state(folder: Path, disk: os.statvfs_result, free_mb: float) -> State:
    if disk.f_flag & os.ST_RDONLY:
        return "read_only"
    if not os.access(folder, os.W_OK | os.X_OK):
        return "no_permission"
    return "full" if free_mb < FULL_MB else "on"
