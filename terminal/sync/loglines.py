"""The log's last lines, kept in memory for who asks from afar."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator

from fleet.records import LogRecord

LINES = 500
LINE_CHARACTERS = 300
RECORD_LINES = 100
"""In one record: 100 lines of 300 Chinese characters are 90 KB at most, usual ones 15."""
RECORD_BYTES = 48 * 1024


class LogLines(logging.Handler):
    """A handler that keeps."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=LINES)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """One entry, of one line or more."""
        try:
            said = self.format(record)
        except Exception:  # noqa: BLE001 - a log entry must break nothing
            return
        self._lines.extend(line[:LINE_CHARACTERS] for line in said.splitlines())

    def records(
        self, command: str, count: int, redact: Callable[[str], str]
    ) -> Iterator[LogRecord]:
        """The last `count` lines, without personal numbers."""
        lines = [redact(line)[:LINE_CHARACTERS] for line in list(self._lines)[-count:]]
        part: list[str] = []
        size = 0
        for line in lines:
            size += len(line.encode()) + 4
            if part and (len(part) == RECORD_LINES or size > RECORD_BYTES):
                yield LogRecord(command=command, lines=tuple(part))
                part, size = [], len(line.encode()) + 4
            part.append(line)
        if part:
            yield LogRecord(command=command, lines=tuple(part))
