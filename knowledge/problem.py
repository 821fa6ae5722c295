"""One thing that is wrong with a pack: file, line, what it is, and the mend."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.errors import KioskError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a pack."""

    file: str
    """Path inside the pack, with forward slashes."""
    line: int
    """Counted from 1."""
    message: str
    warning: bool = False
    """A warning may be published; an error may not."""

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}: {kind}{self.message}"


class Unreadable(KioskError):
    """A file whose content cannot be had at all, for one reason."""

    def __init__(self, file: str, line: int, message: str) -> None:
        self.problem = Problem(file, line, message)
        super().__init__("input", str(self.problem))
