"""A spreadsheet's cells as staff fill them in -> the texts, dates and ids of a pack."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date

from knowledge.lint_between import normalised

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060]"
)
_UNSHOWN = re.compile("[\ufeff\ufffd\ufffe\uffff\ud800-\udfff]")
_SILENT = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|hr)\s*/?>|</(?:p|div|li|tr|h[1-6]|ul|ol|table)\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:-]*(?:\s[^<>]*)?/?>")
_BRACES = str.maketrans("{}｛｝", "（）（）")

_ASKS = re.compile(r"^(?:问题?|q(?:uestion)?)\s*\d*\s*[:：]\s*", re.IGNORECASE)
_ANSWERS = re.compile(r"^(?:答案?|回答|答复|a(?:nswer)?)\s*\d*\s*[:：]\s*", re.IGNORECASE)
_COUNTED = re.compile(r"^\s*[（(]?\d{1,4}[)）、.．]\s*(?=\D)")
_COUNTED_INSIDE = re.compile(r"\s+[（(]?\d{1,2}[)）、.．]\s*(?=\D)")
_APART = re.compile(r"[\n;；|｜]+")
_ASKED = re.compile(r"(?<=[？?])(?=[^？?])")
SHORTEST_ASKED, SHORTEST_LISTED = 6, 4
"""Characters of each of several questions with ？ or 、 between: 卡丢了？怎么办？ is one question,
and so is 老人、孩子怎么办卡."""

_NOTHING = {"", *"无 暂无 空 略 待定 待补充 待完善 待确认 null none na nan todo tbd".split()}
_UNWRITTEN = "TODO"
"""Wherever it stands: lint reads it as a mark of what is not finished."""
_DAY = re.compile(r"(?<!\d)(20\d\d)\s*(?:[-/.年]\s*)?(\d{1,2})\s*(?:[-/.月]\s*)?(\d{1,2})(?!\d)")


def has_braces(cell: str) -> bool:
    """Whether `question` or `answer` would write braces otherwise."""
    return cell.translate(_BRACES) != cell


def question(cell: str) -> str:
    """One question on one line; empty where there is no word in it."""
    text = re.sub(r"\s+", " ", _plain(cell)).strip()
    text = _ASKS.sub("", _COUNTED.sub("", text)).strip()
    return text if normalised(text) and _UNWRITTEN not in text else ""


def answer(cell: str) -> str:
    """The answer in plain lines; empty where none is written yet."""
    lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in _plain(cell).split("\n")]
    text = _ANSWERS.sub("", "\n".join(line for line in lines if line))
    unwritten = normalised(text) in _NOTHING or _UNWRITTEN in text
    return "" if unwritten else text


def variants(cell: str) -> list[str]:
    """The questions in one cell, whatever stands between them."""
    pieces = [piece for part in _APART.split(_plain(cell)) for piece in _COUNTED_INSIDE.split(part)]
    found = [question(piece) for whole in pieces for piece in _listed(whole)]
    return [each for each in found if normalised(each) not in _NOTHING]


def day(cell: str) -> date | None:
    """The last date in a cell (有效期 may name two); None where there is none."""
    for year, month, number in reversed(_DAY.findall(cell)):
        try:
            return date(int(year), int(month), int(number))
        except ValueError:
            continue
    return None


def item_id(cell: str) -> str:
    """A given id as a pack writes it: GJJ-001 is faq.gjj_001; empty where it has no such form."""
    given = re.sub(r"(?<=\d)\.0+$", "", cell.strip()).lower()
    if not given.isascii():
        return ""
    parts = [re.sub(r"[^a-z0-9]+", "_", part).strip("_") for part in given.split(".")]
    parts = [part for part in parts if part]
    if not parts:
        return ""
    own = len(parts) > 1 and parts[0][0].isalpha() and parts[0] not in ("control", "queue")
    return ".".join(parts if own else ["faq", *parts])


def _plain(cell: str) -> str:
    """Without HTML, hidden characters and braces."""
    text = cell
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", _SILENT.sub("", text)))
    text = html.unescape(text) if "&" in text else text
    text = re.sub(r"\r\n?|[\x85\u2028\u2029]", "\n", text)
    return _UNSHOWN.sub("", _HIDDEN.sub("", text)).translate(_BRACES).strip()


def _listed(text: str) -> Iterator[str]:
    """Several questions with ？, or three and more with 、 between them; else the text as it is."""
    pieces = text.strip(" 、").split("、")
    several = len(pieces) > 2
    if not several or "？" in text or "?" in text:
        pieces = [piece.strip() for piece in _ASKED.split(text)]
        several = all(len(piece) >= SHORTEST_ASKED for piece in pieces)
    elif any(len(piece.strip()) < SHORTEST_LISTED for piece in pieces):
        several = False
    yield from pieces if several else [text]
