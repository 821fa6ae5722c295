"""CSV as spreadsheet programs write it: UTF-8 or Excel's GB18030, any separator, quoted lines."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from fleet.errors import KioskError
from knowledge.spreadsheet import MAX_BYTES, MAX_ROWS, Row, Sheet

SEPARATORS = "\t;,"
"""In the order of preference where several would do: a comma stands in texts, too."""
LOOKED_AT = 200
"""Rows by which the separator is told."""

_NAMED = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)
"""The first line by which Excel names the separator."""


def sheet(raw: bytes, file: Path) -> Sheet:
    """The one table of a CSV file. KioskError names the line that is no text."""
    text = _decoded(raw, file)
    named = _NAMED.match(text)
    begin = named.end() if named else 0
    separator = named[1] if named else _separator(text)
    rows = tuple(_rows(text[begin:], separator, 1 if named else 0, file))
    return Sheet("", rows)


def _decoded(raw: bytes, file: Path) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(raw, "utf-16", file)
    if b"\0" in raw:
        raise KioskError("input", f"{file}: neither CSV nor XLSX; save it as one of them")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _as(raw, "gb18030", file)


def _as(raw: bytes, encoding: str, file: Path) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        said = "neither UTF-8 nor GB18030 text; save it as CSV UTF-8, or as .xlsx"
        raise KioskError("input", f"{file}:{line}: {said}") from error


def _separator(text: str) -> str:
    """The one that cuts the first rows into the same number of cells most often."""
    best, most = ",", (False, 0.0)
    for separator in SEPARATORS:
        rows = islice(_parsed(text, separator), LOOKED_AT)
        widths = [len(cells) for _, cells in rows if any(cells)]
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (widths[0] > 1, count / len(widths) if width > 1 else 0.0)
        if score > most:
            best, most = separator, score
    return best


def _parsed(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begin = 1
    for cells in reader:
        yield begin, [cell.strip() for cell in cells]
        begin = reader.line_num + 1


def _rows(text: str, separator: str, skipped: int, file: Path) -> Iterator[Row]:
    begin = 1
    for count, (begin, cells) in enumerate(_parsed(text, separator)):
        if count >= MAX_ROWS:
            raise KioskError("input", f"{file}: more than {MAX_ROWS:,} rows; split it")
        if any(cells):
            yield Row(begin + skipped, tuple(cells))
    last = list(islice(io.StringIO(text, newline=""), begin - 1, None))
    # A quote that is never closed takes the rest of the file for one cell.
    if len(last) > 1 and "".join(last).count('"') % 2:
        said = 'a quote (") that is never closed, so that all below is one cell; close it'
        raise KioskError("input", f"{file}:{begin + skipped}: {said}")
