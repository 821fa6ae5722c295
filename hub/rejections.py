"""What could not be taken: counted, told in the log, kept for a look; hostile things are audited.

Whoever floods the hub fills neither its log nor its database: a line a minute for each kiosk and
sort, and the newest few messages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from hub import audit, metrics
from hub.database import Database
from hub.reading import Rejection
from hub.tables import Refused

LOG = logging.getLogger(__name__)
KEPT = 1000
"""Messages."""
KEPT_BYTES = 2000
"""Of each."""
_TRIM_AT = 100


class Recorder:
    """One for each process."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._limiter = audit.Limiter(clock)
        self._since_trim = 0

    def record(self, found: Iterable[Rejection]) -> None:
        """Never fails: this must not keep good events away."""
        told = []
        for each in found:
            metrics.REJECTED.labels(each.sort).inc()
            if each.hostile:
                metrics.HOSTILE.labels(each.sort).inc()
            if self._limiter.allows((each.device, each.sort)):
                told.append(each)
                level = logging.ERROR if each.hostile else logging.WARNING
                LOG.log(level, "%s message from %s: %s", each.sort, _who(each), each.reason)
        if not told:
            return
        try:
            self._keep(told)
        except SQLAlchemyError as error:
            LOG.warning("rejected messages are not kept: %s", type(error).__name__)

    def _keep(self, told: list[Rejection]) -> None:
        now = self._clock()
        with self._database.write() as session:
            for each in told:
                reason = f"{_who(each)}: {each.sort}: {each.reason}".replace("\x00", "")
                payload = each.payload[:KEPT_BYTES]
                topic = each.topic.replace("\x00", "")[:300]
                session.add(Refused(at=now, topic=topic, reason=reason[:1000], payload=payload))
                if each.hostile:
                    action = f"hostile-{each.sort}"
                    audit.note(session, now, _who(each), action, each.device, each.reason)
            self._since_trim += len(told)
            if self._since_trim >= _TRIM_AT:
                self._since_trim = 0
                newest = session.scalar(select(func.max(Refused.id))) or 0
                session.execute(delete(Refused).where(Refused.id <= newest - KEPT))


def _who(rejection: Rejection) -> str:
    return rejection.device or "nobody"
