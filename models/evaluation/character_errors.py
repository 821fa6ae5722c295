"""Character error rate of Mandarin transcripts, blind to what is only spelling.

Punctuation, spaces, case, full width and traditional characters are made equal, and so are
numerals: 2015年 counts as read digit by digit or as a quantity, whichever is nearer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import opencc
from cn2an import an2cn

DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
VARIANTS = str.maketrans({"〇": "零", "幺": "一", "两": "二", "俩": "二"})
"""Other characters for the same digit; 两 and 二 are one numeral."""
QUANTITY_DIGITS = 12
"""Longer digit strings are account numbers, never quantities."""
READINGS = 64
"""At most so many readings of one text: three numbers have up to eight."""
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?(%)?")


@dataclass(frozen=True, slots=True)
class CharacterErrors:
    """Counts that add up over clips."""

    errors: int = 0
    """Characters to insert, delete or change."""
    length: int = 0
    """Characters of the true text."""

    @property
    def rate(self) -> float:
        """Errors a character of the true text; 0 for no text at all."""
        return self.errors / self.length if self.length else 0.0

    def __add__(self, other: CharacterErrors) -> CharacterErrors:
        return CharacterErrors(self.errors + other.errors, self.length + other.length)


def character_errors(truth: str, heard: str) -> CharacterErrors:
    """Errors of `heard` against `truth`, over the readings of both that are nearest."""
    pairs = product(readings(truth), readings(heard))
    return min(
        (CharacterErrors(edits(one, other), len(one)) for one, other in pairs),
        key=lambda found: found.errors,
    )


def readings(text: str) -> list[str]:
    """`text` as bare characters, once for each way to say its Arabic numerals."""
    plain = unicodedata.normalize("NFKC", _simplify(text)).lower()
    pieces: list[tuple[str, ...]] = []
    end = 0
    for number in _NUMBER.finditer(re.sub(r"(?<=\d),(?=\d{3})", "", plain)):
        plain = number.string
        pieces += [(plain[end : number.start()],), tuple(dict.fromkeys(_said(number)))]
        end = number.end()
    pieces.append((plain[end:],))
    texts = ("".join(parts) for _, parts in zip(range(READINGS), product(*pieces), strict=False))
    return list(dict.fromkeys(bare(each) for each in texts))


def bare(text: str) -> str:
    """Letters, characters and digits only, numerals in one spelling."""
    return "".join(char for char in text if char.isalnum()).translate(VARIANTS)


def edits(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for number, true in enumerate(truth, 1):
        diagonal, row[0] = row[0], number
        for place, char in enumerate(heard, 1):
            least = min(row[place] + 1, row[place - 1] + 1, diagonal + (true != char))
            diagonal, row[place] = row[place], least
    return row[-1]


def _said(number: re.Match[str]) -> Iterator[str]:
    whole, fraction, percent = number.groups()
    before = "百分之" if percent else ""
    after = f"点{fraction.translate(DIGITS)}" if fraction else ""
    yield f"{before}{whole.translate(DIGITS)}{after}"
    if len(whole) <= QUANTITY_DIGITS:
        yield f"{before}{an2cn(str(int(whole)), 'low')}{after}"


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplify(text: str) -> str:
    return str(_converter().convert(text))
