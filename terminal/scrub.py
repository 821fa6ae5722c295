"""Freed memory overwritten: what a visit's end drops must not linger in the process.

Python frees a string without clearing it, and the bytes stay until something else is put there.
So everything is put there: zeros in every free block of Python's own allocator, class by class;
and the C library gives its free pages back to the system, which hands them out empty.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import sys

log = logging.getLogger(__name__)

SMALL_BYTES, STEP_BYTES = 512, 16
"""Python's allocator serves objects up to this size, in classes of multiples of this."""
FILL_BYTES = 4 << 20
"""Put into each class at a time: more than is ever free in one, for a kiosk after an answer."""


def scrub() -> None:
    """Overwrite what was freed; some tenths of a second, for when nobody is being served."""
    gc.collect()
    header = sys.getsizeof(b"") - 1
    for size in range(3 * STEP_BYTES, SMALL_BYTES + 1, STEP_BYTES):
        _fill(size - header - 1, FILL_BYTES // size)
    _give_back()


def settle() -> None:
    """What is loaded by now is no longer searched for garbage; what loading took is given back."""
    gc.collect()
    gc.freeze()
    _give_back()


def _fill(payload: int, count: int) -> None:
    """Objects of one class, all alive at once, and gone again."""
    kept = [bytes(payload) for _ in range(count)]
    kept.clear()


def _give_back() -> None:
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):  # Another C library: it has its own ways.
        log.debug("no malloc_trim here")
