"""How words sound, loosely: what a recogniser confuses, a reader of pinyin does not.

Tones are dropped and the pairs that speakers and recognisers mix are folded:
zh/z, ch/c, sh/s, n/l, f/h, ing/in, eng/en, ang/an.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable of pinyin without its tone."""

    initial: str
    """Consonants in front, y and w among them; may be empty."""
    final: str


def spoken(text: str) -> list[Syllable | None]:
    """One syllable for each character of `text`; None for what is no Chinese character."""
    readings = lazy_pinyin(text, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    return [
        split(reading) if "\u4e00" <= char <= "\u9fff" else None
        for char, reading in zip(text, readings, strict=True)
    ]


def likeness(one: Syllable, other: Syllable) -> float:
    """1 for the same sound, 0 for one that nobody confuses with it; consonant and rest alike."""
    consonant = _apart(one.initial, other.initial, _INITIALS)
    return 1.0 - (consonant + _apart(one.final, other.final, _FINALS)) / 2


def _apart(one: str, other: str, pairs: dict[frozenset[str], float]) -> float:
    return 0.0 if one == other else pairs.get(frozenset((one, other)), 1.0)


@lru_cache(maxsize=8192)
def split(reading: str) -> Syllable:
    """Zheng -> zh, eng."""
    found = _SYLLABLE.match(reading)
    return Syllable(found[1], found[2]) if found else Syllable("", reading)


def _pairs(*rows: tuple[float, str]) -> dict[frozenset[str], float]:
    return {
        frozenset(pair.replace("-", "").split("/")): apart
        for apart, pairs in rows
        for pair in pairs.split()
    }


_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([a-z]*)$")
_INITIALS = _pairs(
    (0.2, "zh/z ch/c sh/s n/l"),
    (0.4, "f/h l/r n/m zh/j ch/q sh/x z/j c/q s/x -/n -/y -/w"),
    (0.6, "b/p d/t g/k z/c zh/ch j/q zh/d j/d zh/sh j/x q/x z/s c/s ch/sh g/j"),
)
"""How far apart, of 1; a dash is no consonant at all."""
_FINALS = _pairs(
    (0.2, "in/ing en/eng i/v"),
    (0.4, "an/ang ian/iang uan/uang eng/ong e/o o/uo e/uo i/in i/ing ei/i ao/iao iao/iu u/ou"),
    (0.6, "eng/ing en/in eng/ang en/an en/ang eng/an ao/ou iao/ia iao/ie ao/a a/an iang/ang ao/o"),
)
