"""Bytes of a pack's file -> text, with the mend for every way an editor can save it wrongly."""

from __future__ import annotations

import re

from knowledge.problem import Unreadable

MAX_FILE_BYTES = 2_000_000
"""A hall's whole FAQ is a few hundred KB; more is a mistake or an attack."""

TOO_LARGE = f"larger than {MAX_FILE_BYTES:,} bytes; split it or take out what is not text"

# Everything but tab, line feed and carriage return that an editor does not show. The last
# three count as line breaks in YAML, so every line number after one would be wrong.
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u2028\u2029]")
_HAN = re.compile(r"[\u4e00-\u9fff]")

_SAVE_AS = "in Notepad (记事本) choose 文件 > 另存为 > 编码 UTF-8"


def decode(raw: bytes, name: str) -> str:
    """The text of a file. Raises Unreadable with the first line that is no text."""
    if len(raw) > MAX_FILE_BYTES:
        raise Unreadable(name, 1, TOO_LARGE)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(name, 1, f"saved as UTF-16, not UTF-8; {_SAVE_AS}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(name, line, _encoding(raw, error.start)) from error
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        line = text.count("\n", 0, hidden.start()) + 1
        code = f"U+{ord(hidden[0]):04X}"
        said = f"an invisible character ({code}); delete it, or restore the file from a copy"
        raise Unreadable(name, line, said)
    return text


def _encoding(raw: bytes, good: int) -> str:
    """How `raw` seems to be saved, of which the first `good` bytes are UTF-8."""
    if b"\0" in raw:
        return "not a text file; put the YAML file back"
    try:
        chinese = raw[:good].isascii() and _HAN.search(raw.decode("gb18030")) is not None
    except UnicodeDecodeError:
        chinese = False
    saved = "saved as GBK (ANSI)" if chinese else "not UTF-8 text"
    return f"{saved}; save it as UTF-8: {_SAVE_AS}"
