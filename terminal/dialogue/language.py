"""Which language a typed text is in, as far as the kiosk must know."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_ENGLISH = frozenset(
    "a about am an and any are at bank bathroom be buy by bye can card cannot change check close cost "
    "could did do documents does English excuse find for from get go goodbye have hello help here hi how "
    "i in is it language long lost louder machine make many me money much my need no number of ok on open "
    "operator pay phone please print queue renew repeat restroom say sorry speak slow slower slowly "
    "someone staff stop take talk tell thank thanks that the there this ticket time to toilet today "
    "tomorrow transfer want was what when where which who why wifi will window with yes you your "
    "passport account password pin photocopy copy again first second third none".split()
)
FEW = 0.34
"""Share of known words from which Latin letters are English."""
_SCRIPTS = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "THAI": "th",
}


def language_of(text: str) -> str:
    """ISO 639-1 of a text: zh, en, one told by its script, or `und` for other Latin ones.

    A few Latin letters among Chinese (WiFi, APP, POS机) are Chinese.
    """
    letters = [char for char in text if char.isalpha()]
    for char in letters:
        script = unicodedata.name(char, "").split(" ")[0]
        if script in _SCRIPTS:
            return _SCRIPTS[script]
    chinese = sum("\u3400" <= char <= "\u9fff" for char in letters)
    if chinese * 3 >= len(letters) - chinese:
        return "zh"
    words = _WORDS.findall(text.lower())
    known = sum(word in _ENGLISH for word in words)
    if len(words) <= 2 and not known:
        return "zh"  # A name or a slip (wifi, app, iPhone): the pack may know it.
    return "en" if known >= FEW * len(words) else "und"
