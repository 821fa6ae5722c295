"""What the voice can say, and how much of it a listener keeps in mind."""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge import refs

MAX_SPOKEN = 60
"""Characters: about twelve seconds of speech, what a listener keeps in mind."""

MAX_ENGLISH_WORDS = 30
"""About twelve seconds, too."""

CanSay = Callable[[str], list[str]]
"""Gives the parts of a text that the voice would drop in silence."""

_SAYABLE = re.compile(
    r"[\u3400-\u9fffA-Za-z0-9\s，。！？、；：“”‘’（）《》〈〉—…·％%.,:;!?()+\-/&〔〕＋]"
)


_HAN = re.compile(r"[\u3400-\u9fff]+")
_NO_ENGLISH = re.compile(r"[^\x20-\x7e\s‘’“”–—]")
"""What is no plain English text: accents, symbols, full-width punctuation."""


def plain_text(text: str) -> list[str]:
    """The characters of `text` that no Mandarin voice can be expected to say."""
    return sorted({char for char in text if not _SAYABLE.match(char)})


def faults(text: str, unsayable: CanSay) -> list[str]:
    """What is wrong with `text` as speech, references already filled in.

    Braces that are left over are for `refs.faults` to report.
    """
    spoken = refs.BRACE.sub("", text)
    found = [f"the voice cannot say {part!r}; write it in words" for part in unsayable(spoken)]
    if len(text) > MAX_SPOKEN:
        found.insert(0, f"{len(text)} characters when spoken, {MAX_SPOKEN} at most; shorten it")
    return found


def english_faults(text: str) -> list[str]:
    """What is wrong with `text` as English speech, references already filled in."""
    spoken = refs.BRACE.sub("", text)
    count = len(spoken.split())
    found = []
    if count > MAX_ENGLISH_WORDS:
        found.append(f"{count} words when spoken, {MAX_ENGLISH_WORDS} at most; shorten it")
    han = chinese(spoken)
    if han:
        found.append(f"{han!r} is Chinese; write it in English")
    others = sorted(set(_NO_ENGLISH.findall(_HAN.sub("", spoken))))
    found += [f"the voice cannot say {char!r}; write it in words" for char in others]
    return found


def chinese(text: str) -> str:
    """The first Chinese characters in `text`; empty if there are none."""
    found = _HAN.search(text)
    return found[0] if found else ""
