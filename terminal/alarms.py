"""What the fleet's admins are to know at once: safe mode, and that nobody is served. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleet.records import QualityRecord
from terminal.events import Closer

SAFE_MODE, OUT, IN = "safe_mode", "out_of_service", "in_service"
DETAIL_CHARACTERS = 300
CLOSED_BY: Mapping[Closer, str] = {"staff": "by command", "heat": "too hot"}


def said(closed: Mapping[Closer, str]) -> str:
    """Why a kiosk that runs is out of service. `closed`: by whom, with the citizen's reason."""
    return "; ".join(": ".join(filter(None, (CLOSED_BY[by], why))) for by, why in closed.items())


class Alarms:
    """Each is told when it begins, when its cause changes, and when it is over."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def see(self, flag: str, why: str) -> Iterator[QualityRecord]:
        """`why`: a line; empty: it is not so, or is over."""
        if why == self._told.get(flag, ""):
            return
        self._told[flag] = why
        if why:
            yield QualityRecord(flag=flag, detail=why[:DETAIL_CHARACTERS])
        elif flag == OUT:
            yield QualityRecord(flag=IN)
