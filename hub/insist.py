"""Work on the database, again and again while it is away: a restart of it must cost nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from hub import metrics

LOG = logging.getLogger(__name__)
Result = TypeVar("Result")
_WAITS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def insist(work: Callable[[], Result], stopping: threading.Event) -> Result | None:
    """What `work` gives, when it does not raise SQLAlchemyError; None if `stopping` comes first."""
    attempt = 0
    while not stopping.is_set():
        try:
            return work()
        except SQLAlchemyError as error:
            metrics.ERRORS.labels(type(error).__name__).inc()
            wait_s = _WAITS_S[min(attempt, len(_WAITS_S) - 1)]
            LOG.warning("database: %s; again in %.1f s", _line(error), wait_s)
            stopping.wait(wait_s)
            attempt += 1
    return None


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
