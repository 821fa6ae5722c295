"""A table file as rows of text: CSV in any encoding and separator, or the sheets of an XLSX."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fleet.errors import KioskError

MAX_BYTES = 50_000_000
"""A hall's list with 30,000 answers has about 15 MB."""

MAX_ROWS = 100_000

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MARKUP = (b"<html", b"<table", b"<?xml", b"<!doctype")
_SAVE_AS = "open it in Excel or WPS and save it as .xlsx"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    line: int
    """In the file, or in its sheet: counted from 1, as a spreadsheet program shows it."""
    cells: tuple[str, ...]
    """As text, stripped; empty for an empty cell."""
    carried: frozenset[int] = frozenset()
    """Columns whose value stands above, in a merged cell that reaches down to this row."""

    def cell(self, column: int | None) -> str:
        """The text in a column, empty where the row ends before it."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file: its rows that are not blank."""

    name: str
    """Empty for a CSV, which has no sheets."""
    rows: tuple[Row, ...]
    hidden: bool = False

    def where(self, row: Row) -> str:
        """A row's place, for a person to find it."""
        return f"{self.name} line {row.line}" if self.name else f"line {row.line}"


def read(file: Path) -> list[Sheet]:
    """The sheets of `file`, told by its content, not by its name. KioskError if it is no table."""
    raw = _bytes(file)
    head = raw[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if raw.startswith(_ZIP):
        from knowledge import spreadsheet_xlsx

        return spreadsheet_xlsx.sheets(raw, file)
    if raw.startswith(_OLD_EXCEL):
        said = f"an old Excel file, or one with a password; {_SAVE_AS}, without password"
        raise KioskError("input", f"{file}: {said}")
    if head.startswith(_MARKUP):
        raise KioskError("input", f"{file}: a web page under the name of a table; {_SAVE_AS}")
    from knowledge import spreadsheet_csv

    return [spreadsheet_csv.sheet(raw, file)]


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            said = f"larger than {MAX_BYTES:,} bytes; split it, or take the pictures out"
            raise KioskError("input", f"{file}: {said}")
        return file.read_bytes()
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror})") from error
