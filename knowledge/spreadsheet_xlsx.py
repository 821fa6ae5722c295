"""XLSX as Excel and WPS write it: values, not formulas; merged cells reach down."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from fleet.errors import KioskError
from knowledge.spreadsheet import MAX_ROWS, Row, Sheet

MAX_UNPACKED_BYTES = 400_000_000
"""What a file with 30,000 answers unpacks to, and ten times as much; more is an attack."""
MAX_COLUMNS = 64

_FAULTS = {"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"}


def sheets(raw: bytes, file: Path) -> list[Sheet]:
    """Every worksheet, in order. KioskError if Excel itself would not open the file."""
    try:
        _guard(raw, file)
        with warnings.catch_warnings():
            # Of what openpyxl leaves out: pictures, validation, styles. None of it is text.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True, keep_links=False)
    except KioskError:
        raise
    except Exception as error:  # a damaged file can fail anywhere inside openpyxl
        said = "not an Excel file that can be read; open it in Excel or WPS and save it as .xlsx"
        raise KioskError("input", f"{file}: {said}") from error
    return [
        Sheet(page.title, tuple(_rows(page, file)), page.sheet_state != "visible")
        for page in book.worksheets
    ]


def _guard(raw: bytes, file: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        total = sum(part.file_size for part in packed.infolist())
    if total > MAX_UNPACKED_BYTES:
        raise KioskError("input", f"{file}: unpacks to {total:,} bytes; take out what is not text")


def _rows(page: Worksheet, file: Path) -> Iterator[Row]:
    if page.max_row > MAX_ROWS:
        said = f"goes down to row {page.max_row:,}; delete the empty rows below the list"
        raise KioskError("input", f"{file}: sheet {page.title}: {said}")
    carried = _carried(page)
    width = min(page.max_column, MAX_COLUMNS)
    for line, values in enumerate(page.iter_rows(max_col=width, values_only=True), 1):
        above = carried.get(line, {})
        cells = tuple(above.get(at) or _text(value) for at, value in enumerate(values))
        if any(_text(value) for value in values):
            yield Row(line, cells, frozenset(above))


def _carried(page: Worksheet) -> dict[int, dict[int, str]]:
    """By row and column (from 0) the texts that a merged cell carries down from its first row."""
    found: dict[int, dict[int, str]] = {}
    for span in page.merged_cells.ranges:
        text = _text(page.cell(span.min_row, span.min_col).value)
        for line in range(span.min_row + 1, min(span.max_row, page.max_row) + 1):
            if text:
                found.setdefault(line, {})[span.min_col - 1] = text
    return found


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
    text = str(value).replace("_x000D_", "\n").strip()
    return "" if text in _FAULTS else text
