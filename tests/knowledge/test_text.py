"""Bytes as editors save them."""

from __future__ import annotations

import pytest

from knowledge.problem import Unreadable
from knowledge.text import MAX_FILE_BYTES, decode

WORDS = "title: 社保卡\nowner: 窗口\n"


@pytest.mark.parametrize(
    "raw",
    [
        WORDS.encode(),
        WORDS.encode("utf-8-sig"),
    ],
)
def test_good_text(raw: bytes) -> None:
    assert decode(raw, "f.yaml") == WORDS


def test_windows_line_ends_are_kept() -> None:
    assert decode(b"a: 1\r\nb: 2\r\n", "f.yaml") == "a: 1\r\nb: 2\r\n"


FAULTS = {
    "gbk": (b"id: x\n" + WORDS.encode("gbk"), 2, "saved as GBK (ANSI); save it as UTF-8: in Not"),
    "utf-16": (WORDS.encode("utf-16"), 1, "saved as UTF-16, not UTF-8; in Notepad (记事本)"),
    "latin-1": (b"id: x\ntitle: caf\xe9\n", 2, "not UTF-8 text; save it as UTF-8"),
    "binary": (b"\x7fELF\x02\x01\0\0\xff\xfe", 1, "not a text file; put the YAML file back"),
    "cut short": ("a: 社\nb: 社保卡".encode()[:-1], 2, "not UTF-8 text; save it as UTF-8"),
    "nul": (b"a: 1\nb: x\0y\n", 2, "an invisible character (U+0000)"),
    "bell": (b"a: 1\n\nb: x\ay\n", 3, "an invisible character (U+0007)"),
    "second mark": ("a: 1\nb: \ufeffx\n".encode(), 2, "an invisible character (U+FEFF)"),
    "line separator": ("a: 1\nb: x\u2028y\n".encode(), 2, "an invisible character (U+2028)"),
    "huge": (b"x" * (MAX_FILE_BYTES + 1), 1, "larger than 2,000,000 bytes; split it"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_refusal(name: str) -> None:
    raw, line, said = FAULTS[name]
    with pytest.raises(Unreadable) as caught:
        decode(raw, "f.yaml")
    problem = caught.value.problem
    assert (problem.file, problem.line) == ("f.yaml", line)
    assert problem.message.startswith(said)
