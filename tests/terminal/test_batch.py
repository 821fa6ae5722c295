"""Rows of `--batch`."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.batch import Batch, TextRow, WavRow
from terminal.errors import KioskError


def rows(tmp_path: Path, content: bytes) -> list[TextRow]:
    file = tmp_path / "q.jsonl"
    file.write_bytes(content)
    return list(Batch(file, TextRow).rows())


def test_rows_come_in_order_with_their_context(tmp_path: Path) -> None:
    first, second = rows(
        tmp_path,
        '{"id":"a","text":"一","context":["零","零零"]}\n{"text":"二\u2028三","more":1}'.encode(),
    )
    assert (first.id, first.text, first.context) == ("a", "一", ["零", "零零"])
    assert (second.id, second.text, second.context) == ("", "二\u2028三", [])


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_no_trouble(
    tmp_path: Path,
) -> None:
    found = rows(tmp_path, b'\xef\xbb\xbf{"text":"a"}\r\n\r\n  \r\n{"text":"b"}\r\n')
    assert [row.text for row in found] == ["a", "b"]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert rows(tmp_path, b"") == []


def test_a_number_may_be_an_id(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, b'{"id": 7, "text": "a"}')
    assert row.id == "7"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id": "a"}', "text: Field required"),
        (b'{"text": null}', "text: "),
        (b'{"text": ["a"]}', "text: "),
        (b'{"text": "a", "context": "b"}', "context: "),
        (b'{"text": "a", "context": [null]}', "context.0: "),
        (b"[1]", "line: "),
        (b"text", "line: Invalid JSON"),
        (b'{"text": "a"', "line: Invalid JSON"),
        (b'{"text": "\xff"}', "line: Invalid JSON"),
        (b'{"text": "\\ud800"}', "line: Invalid JSON"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line_before_any_is_given(
    tmp_path: Path, line: bytes, said: str
) -> None:
    with pytest.raises(KioskError) as caught:
        rows(tmp_path, b'{"text":"a"}\n\n' + line + b'\n{"text":"b"}\n')
    message = caught.value.message
    assert f"{tmp_path}/q.jsonl:3: {said}" in message
    assert len(message.splitlines()) == 1
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("name", ["none.jsonl", ".", "none/none.jsonl"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(KioskError, match="cannot be read") as caught:
        Batch(tmp_path / name, WavRow).rows()
    assert caught.value.exit_status == 2
