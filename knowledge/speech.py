"""What the voice can say, and how much of it a listener keeps in mind."""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge import refs

MAX_SPOKEN = 60
"""Characters: about twelve seconds of speech, what a listener keeps in mind."""

CanSay = Callable[[str], list[str]]
"""Gives the parts of a text that the voice would drop in silence."""

_SAYABLE = re.compile(
    r"[\u3400-\u9fffA-Za-z0-9\s，。！？、；：“”‘’（）《》〈〉—…·％%.,:;!?()+\-/&〔〕＋]"
)


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
