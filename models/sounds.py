"""How words sound, loosely: what a recogniser confuses, a reader of pinyin does not.

Tones are dropped and the pairs that speakers and recognisers mix are folded:
zh/z, ch/c, sh/s, n/l, f/h, ing/in, eng/en, ang/an.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin import pinyin as readings_of

_FOLDS = (
    (re.compile(r"^(z|c|s)h"), r"\1"),
    (re.compile(r"^n"), "l"),
    (re.compile(r"^f"), "h"),
    (re.compile(r"(i|e|a)ng$"), r"\1n"),
)


@lru_cache(maxsize=8192)
def fold(syllable: str) -> str:
    """One pinyin syllable without the differences that are often misheard."""
    for pattern, replacement in _FOLDS:
        syllable = pattern.sub(replacement, syllable)
    return syllable


def syllables(text: str) -> list[str]:
    """Folded syllables of the Chinese in `text`; other characters stand for themselves."""
    # pypinyin allows a list here and then splits; its annotations know only text.
    readings = lazy_pinyin(text, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    return [fold(reading) for reading in readings if reading.strip()]


def pinyin(text: str, *, every: bool = False) -> list[str]:
    """Syllables of the Chinese in `text` without tones, unfolded; other characters are left out.

    every: all readings of each character, not only the likeliest.
    """
    found = readings_of(text, style=Style.NORMAL, heteronym=every, errors="ignore")
    return [reading for readings in found for reading in readings]
