"""Cutting an answer into clauses, so that the first sound comes before the last is made."""

from __future__ import annotations

import re
from collections.abc import Iterable

FIRST_LONGEST = 14
"""Characters of the first clause, about 2.5 s of speech: it must be ready soonest."""
LONGEST = 28
"""Of the others; a longer one would leave a gap behind a short one."""

ENGLISH_FIRST, ENGLISH_LONGEST = 45, 90
"""The same in English, where a second holds three times as many letters."""

_MARK = r"(?:[。！？!?；;\n，、：]|(?<!\d)[,:]|[,:](?!\d))"
"""Where a clause may end: not inside 1,000 or 9:30."""
_PARTS = re.compile(rf"(?:(?!{_MARK}).)*{_MARK}*")
_ENGLISH_PARTS = re.compile(
    r"[,:;!?]['\")]*\s+|\n+"
    # Not behind 9 a.m. and Mr., nor inside a number or an address.
    r"|(?<!\b(?:Mr|Ms|Dr|St|No))(?<!\bMrs)(?<!\.[a-zA-Z])\.['\")]*\s+(?=[A-Z0-9\"'(])"
    r"|(?<=\.[a-zA-Z])\.\s+(?=[A-Z])"
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]")


_SENTENCES = re.compile(r"[^。！？]+[。！？]*")


def brief(text: str) -> str:
    """The first sentence, which holds the answer, and the question at the end if there is one."""
    first, *others = _SENTENCES.findall(text) or [text]
    asks = others[-1:] if others and others[-1].endswith("？") else []
    return "".join([first, *asks])


def is_english(text: str) -> bool:
    """Whether `text` is for the English voice: Latin letters, and no Chinese character."""
    return bool(_LATIN.search(text)) and not _HAN.search(text)


def clauses(text: str) -> list[str]:
    """Pieces of `text` in order, split behind punctuation and joined up to a good length."""
    if is_english(text):
        return _joined(_english_parts(text), ENGLISH_FIRST, ENGLISH_LONGEST)
    return _joined(_mixed(_PARTS.findall(text)), FIRST_LONGEST, LONGEST)


def _mixed(parts: Iterable[str]) -> list[str]:
    """WiFi、APP in a Chinese text stay with their neighbour, and so with its voice."""
    mixed: list[str] = []
    for part in parts:
        if mixed and (is_english(part) or is_english(mixed[-1])):
            mixed[-1] += part
        else:
            mixed.append(part)
    return mixed


def _joined(parts: Iterable[str], first_longest: int, others_longest: int) -> list[str]:
    pieces: list[str] = []
    for part in (found for found in parts if found.strip()):
        longest = first_longest if len(pieces) <= 1 else others_longest
        if pieces and not _ends_sentence(pieces[-1]) and len(pieces[-1]) + len(part) <= longest:
            pieces[-1] += part
        else:
            pieces.append(part)
    return [piece.strip() for piece in pieces]


def _english_parts(text: str) -> list[str]:
    ends = [found.end() for found in _ENGLISH_PARTS.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def _ends_sentence(piece: str) -> bool:
    return piece[-1] in "。！？!?\n" or piece.endswith((". ", "! ", "? "))
