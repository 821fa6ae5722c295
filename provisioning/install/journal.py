"""What an installation is at, so that the next run can say where the last one was cut."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from provisioning.install import durable


@dataclass(frozen=True, slots=True)
class Entry:
    """The last step that was begun."""

    work: str
    """install, rollback, uninstall …"""
    version: str
    step: str
    done: bool
    """The whole work, that is."""


class Journal:
    """One file, replaced at each step: every step may be done twice, so the last one will do."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def begin(self, work: str, version: str, step: str) -> None:
        """On the disk before the step is."""
        self._write(Entry(work, version, step, done=False))

    def end(self, work: str, version: str) -> None:
        """All steps are done, and on the disk."""
        durable.sync_all(self._file.parent)
        self._write(Entry(work, version, "end", done=True))

    def cut(self) -> Entry | None:
        """Where the last run ended, if not well."""
        try:
            entry = Entry(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return None if entry.done else entry

    def _write(self, entry: Entry) -> None:
        durable.write(self._file, json.dumps(asdict(entry)) + "\n")
