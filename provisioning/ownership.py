"""Root writes for the kiosk's user: as that user, so that no link of his leads root elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def is_root() -> bool:
    """Whether this process may be anybody."""
    return os.geteuid() == 0


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Files that are made meanwhile are his who owns `folder`, or who will own it: its parent's.

    Of the whole process, so no other thread should write. Who is not root stays who he is.
    """
    while not folder.exists():
        folder = folder.parent
    owner = folder.stat()
    if not is_root() or owner.st_uid == 0:
        yield
        return
    group = os.getegid()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
