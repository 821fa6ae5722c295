"""Rows of `--batch`: JSON lines with a question (or a recording) and its earlier turns."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator
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

    def rows(self) -> Iterable[RowShape]:
        """Rows in order; KioskError names file and line of a broken one.

        A file is checked to its end before the first row is given; standard input row by row.
        """
        if str(self._file) == "-":
            return self._parsed(sys.stdin.buffer)
        try:
            lines = self._file.read_bytes().split(b"\n")
        except OSError as error:
            raise KioskError("input", f"{self._file}: cannot be read ({error.strerror})") from error
        return list(self._parsed(lines))

    def _parsed(self, lines: Iterable[bytes]) -> Iterator[RowShape]:
        for number, line in enumerate(lines, 1):
            row = line.removeprefix(codecs.BOM_UTF8).strip()
            if not row:
                continue
            try:
                yield self._shape.model_validate_json(row)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                field = ".".join(str(part) for part in first["loc"]) or "line"
                raise KioskError(
                    "input", f"{self._file}:{number}: {field}: {first['msg']}"
                ) from error
