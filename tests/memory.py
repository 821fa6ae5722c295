"""Where tests write: in memory, if there is room. Syncing a disk is most of what many would wait for.

It proves as much: what a killed process has written is there, synced or not. A test of what a disk
loses with its power has a disk of its own (provisioning/install).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED = 4 << 30
"""Bytes: several times what a whole run leaves there."""


def folder() -> Path | None:
    """None: a disk will have to do."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < NEEDED:
        return None
    return MEMORY
