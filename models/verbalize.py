"""Written Chinese to words that can be said: 3号窗口 -> 三号窗口, 5% -> 百分之五.

WeText's grammar does the work; what is here are the few things of a service hall that it
reads otherwise: hotlines, hyphenated phone numbers, and 第2.
"""

from __future__ import annotations

import re
from functools import lru_cache

from wetext import Normalizer

DIGITS = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
"""As phone numbers are read aloud."""

_COUNTED = r"(?![\d.,:：%％-]|\s*(?:元|块|万|千|百|亿|人|年|天|个|名|号|平|米|份|张|岁|美元|以))"
_PHONE = re.compile(
    r"(?<![\d-])(?:(?:400|800)-?\d{3}-?\d{4}|0\d{2,3}-\d{7,8}(?:-\d{1,4})?|1[3-9]\d-?\d{4}-?\d{4})(?!\d)"
)
_HOTLINE = re.compile(rf"(?<![\d.,-])(?:9[56]\d{{3,4}}|1[0-3]\d{{3}}|1[12]\d|1006\d|1008\d){_COUNTED}")
_ORDINAL = re.compile(r"第([2２])(?!\d)")
_YEAR_OF_LAW = re.compile(r"[〔\[（(](\d{4})[〕\]）)]")


@lru_cache(maxsize=1)
def _grammar() -> Normalizer:
    return Normalizer(lang="zh", operator="tn", remove_erhua=False)


def prime() -> None:
    """Load the grammar (0.5 s) now, not at the first answer."""
    verbalize("1")


@lru_cache(maxsize=4096)
def verbalize(text: str) -> str:
    """`text` as it is said; punctuation stays, for it is where the voice breathes."""
    text = _PHONE.sub(lambda found: _by_digits(found[0]), text)
    text = _HOTLINE.sub(lambda found: _by_digits(found[0]), text)
    text = _ORDINAL.sub("第二", text)
    text = _YEAR_OF_LAW.sub(lambda found: f"，{_by_digits(found[1], one='一')}年，", text)
    return str(_grammar().normalize(text)) if text.strip() else ""


def _by_digits(number: str, one: str = "幺") -> str:
    """Digit by digit, with a breath where the writer put a hyphen."""
    said = "".join("，" if char == "-" else DIGITS[char] for char in number)
    return said.replace("幺", one)
