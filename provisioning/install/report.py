"""What is told: Chinese to the technician, English to the log."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from fleet.errors import Code, KioskError


class Trouble(KioskError):
    """Why it cannot go on: one Chinese line with the mend, and English for the log."""

    def __init__(self, code: Code, chinese: str, english: str) -> None:
        super().__init__(code, chinese)
        self.english = english

    def __reduce__(self) -> tuple[type[Trouble], tuple[Code, str, str]]:  # type: ignore[override]
        """So that it can be pickled."""
        return type(self), (self.code, self.message, self.english)


class Report:
    """Prints, and appends to a log; `log` None: keeps none."""

    def __init__(self, log: Path | None) -> None:
        self.log = log

    def say(self, chinese: str, english: str) -> None:
        """To whoever stands there, and to the log."""
        print(chinese, flush=True)
        self.note(english)

    def note(self, english: str) -> None:
        """To the log alone. A full disk is no reason to stop."""
        if self.log is None:
            return
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with suppress(OSError), self.log.open("a", encoding="utf-8") as out:
            out.write(f"{now} {english.rstrip()}\n")
