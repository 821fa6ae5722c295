"""Rows of `--batch`: JSON lines with a question (or a recording) and its earlier turns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from terminal.errors import KioskError


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    id: str = ""
    context: list[str] = []
    """Earlier turns of the same visit, as text."""


class TextRow(_Row):
    """A typed question."""

    text: str


class WavRow(_Row):
    """A recording."""

    wav: Path


RowShape = TypeVar("RowShape", bound=_Row)


class Batch(Generic[RowShape]):
    """Reads a file, or standard input for `-`."""

    def __init__(self, file: Path, shape: type[RowShape]) -> None:
        self._file = file
        self._shape = shape

    def rows(self) -> Iterator[RowShape]:
        """Rows in order; KioskError names file and line of a broken one."""
        for number, line in enumerate(self._lines(), 1):
            if not line.strip():
                continue
            try:
                yield self._shape.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                field = ".".join(str(part) for part in first["loc"]) or "line"
                raise KioskError(
                    "input", f"{self._file}:{number}: {field}: {first['msg']}"
                ) from error

    def _lines(self) -> Iterator[str]:
        if str(self._file) == "-":
            yield from sys.stdin
            return
        try:
            with self._file.open(encoding="utf-8-sig") as file:
                yield from file
        except (OSError, UnicodeDecodeError) as error:
            raise KioskError("input", f"{self._file}: cannot be read: {error}") from error
