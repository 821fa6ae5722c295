"""Room for thousands of sockets in one process."""

from __future__ import annotations

import resource
from contextlib import suppress

from terminal.errors import KioskError

SPARE_FILES = 200
"""Of everything else."""


def allow_files(count: int) -> int:
    """Raise the limit of open files to `count` and some; KioskError where the system forbids it.

    Programs that are started afterwards inherit it.
    """
    wanted = count + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return soft
    for limits in ((max(wanted, hard), max(wanted, hard)), (min(wanted, hard), hard)):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            break
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        raise KioskError(
            "input", f"{count:,} sockets: this system allows {soft:,} files; see ulimit -n"
        )
    return soft
