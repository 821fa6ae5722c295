"""On which days a pack or an item may be answered from. Pure: the day is the caller's.

Both days count: `effective_from` is the first, `effective_to` the last.
"""

from __future__ import annotations

from datetime import date

from knowledge.schema import Manifest, Provenance


def begins_later(record: Manifest | Provenance, today: date) -> bool:
    """It is not in force yet."""
    return record.effective_from is not None and today < record.effective_from


def has_ended(record: Manifest | Provenance, today: date) -> bool:
    """It is not in force any more."""
    return record.effective_to is not None and record.effective_to < today


def in_force(record: Manifest | Provenance, today: date) -> bool:
    """It may be answered from."""
    return not begins_later(record, today) and not has_ended(record, today)
