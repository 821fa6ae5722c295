"""Cutting an answer into clauses, so that the first sound comes before the last is made."""

from __future__ import annotations

import re

FIRST_LONGEST = 14
"""Characters of the first clause, about 2.5 s of speech: it must be ready soonest."""
LONGEST = 28
"""Of the others; a longer one would leave a gap behind a short one."""

_MARK = r"(?:[。！？!?；;\n，、：]|(?<!\d)[,:]|[,:](?!\d))"
"""Where a clause may end: not inside 1,000 or 9:30."""
_PARTS = re.compile(rf"(?:(?!{_MARK}).)*{_MARK}*")


def clauses(text: str) -> list[str]:
    """Pieces of `text` in order, split behind punctuation and joined up to a good length."""
    pieces: list[str] = []
    for part in (found for found in _PARTS.findall(text) if found.strip()):
        longest = FIRST_LONGEST if len(pieces) <= 1 else LONGEST
        if pieces and not _ends_sentence(pieces[-1]) and len(pieces[-1]) + len(part) <= longest:
            pieces[-1] += part
        else:
            pieces.append(part)
    return [piece.strip() for piece in pieces]


def _ends_sentence(piece: str) -> bool:
    return piece[-1] in "。！？!?\n"
