"""The one error that users meet: a stable code and a line that says what to do."""

from __future__ import annotations

from typing import Literal

Code = Literal["input", "missing", "internal", "stuck"]
"""input: the caller's data or usage; missing: a model or device; internal: a bug; stuck: a part of
the program hangs, and it must be started again."""

EXIT_STATUS: dict[Code, int] = {"input": 2, "missing": 3, "internal": 4, "stuck": 70}


class KioskError(Exception):
    """A failure that a person can act on.

    `message` is one line: what is wrong, where (file, line or field), and the mend.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message

    def __reduce__(self) -> tuple[type[KioskError], tuple[Code, str]]:
        """So that it can be pickled, from one process to another."""
        return type(self), (self.code, self.message)

    @property
    def exit_status(self) -> int:
        """The process exit status of the command that met this error."""
        return EXIT_STATUS[self.code]
