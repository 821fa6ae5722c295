"""Chinese text to the IPA that Kokoro was trained on, tone sandhi included.

misaki gives the phoneme set, pypinyin readings by phrase; `models.readings` mends those that
are wrong in the trade. Sandhi is done here over whole clauses, for 一 and 不 change with the
next word too. Latin words inside Chinese (WiFi, APP, ATM) are spelt with the English phonemes
that Kokoro also knows.
"""

from __future__ import annotations

import re
from itertools import pairwise

import jieba
from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin

from models import readings

REVISION = 2
"""Raised when the same words would be said otherwise: kept speech is then made anew."""

PIECE = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+|[^\u3400-\u9fffA-Za-z]+")

LETTERS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ˈA bˈi sˈi dˈi ˈi ˈɛf ʤˈi ˈAʧ ˈI ʤˈA kˈA ˈɛl ˈɛm ˈɛn ˈO pˈi kjˈu ˈɑɹ ˈɛs tˈi jˈu vˈi "
        "dˈʌbᵊlju ˈɛks wˈI zˈi".split(),
        strict=True,
    )
)
WORDS = {"wifi": "wˈIfˌI", "app": "ˈæp", "ok": "ˌOkˈA", "email": "ˈimAl", "pad": "pˈæd"}
"""Latin words that a Chinese speaker says as a word; all others are spelt."""

NUMERAL = "零〇幺一二两三四五六七八九十百千万亿"
_FLAT_YI = re.compile(
    # 一 keeps its tone in a row of numerals, in the names of things in a row, and at the end.
    rf"(?<=[{NUMERAL}第之初统唯专])一|(?<=星期|礼拜)一|(?<=周)一(?![直定共])|单一(?=窗口)"
    rf"|一(?=[零〇幺一二三四五六七八九十号楼月室区栋类级期季]|[到至][{NUMERAL}]|$)"
    rf"|(?<=月)一(?=日)|一(?=点[{NUMERAL}](?![{NUMERAL}]*分))"
)


def prime() -> None:
    """Load the dictionaries (about 1 s) now, not at the first answer."""
    jieba.setLogLevel(60)
    jieba.initialize()
    phonemes("您好")


def phonemes(text: str) -> str:
    """IPA of `text`, which is already normalised for speech; unknown signs become pauses."""
    mapped = ZHG2P.map_punctuation(text)
    return "".join(_piece(piece) for piece in PIECE.findall(mapped)).replace(chr(815), "").strip()


def pinyin(clause: str) -> list[list[str]]:
    """Readings of a run of Chinese characters, word by word: `[["ni2", "hao3"]]`."""
    words = jieba.lcut(clause, cut_all=False)
    said = lazy_pinyin(words, style=Style.TONE3, neutral_tone_with_five=True)
    readings.mend(words, said)
    _change_yi_and_bu(clause, said)
    syllables = iter(said)
    return [_change_third_tones([next(syllables) for _ in word]) for word in words]


def _change_yi_and_bu(clause: str, said: list[str]) -> None:
    """一 rises before a falling tone and falls before all others; 不 rises before a falling."""
    flat = {found.end() - 1 for found in _FLAT_YI.finditer(clause)}
    for i, (char, following) in enumerate(zip(clause, [*said[1:], ""], strict=True)):
        falling = following.endswith("4")
        if char == "一" and i not in flat:
            doubled = 0 < i < len(clause) - 1 and clause[i - 1] == clause[i + 1]
            said[i] = "yi5" if doubled else "yi2" if falling or following == "ge5" else "yi4"
        elif char == "一":
            said[i] = "yi1"
        elif char == "不" and said[i] in ("bu2", "bu4"):
            said[i] = "bu2" if falling else "bu4"


def _change_third_tones(word: list[str]) -> list[str]:
    """A third tone rises before another one of the same word."""
    low = [reading.endswith("3") for reading in word] + [False]
    return [
        f"{reading[:-1]}2" if both == (True, True) else reading
        for reading, both in zip(word, pairwise(low), strict=True)
    ]


def _piece(piece: str) -> str:
    if "\u3400" <= piece[0] <= "\u9fff":
        # With a space between words, as in Kokoro's training text.
        return " ".join("".join(map(_ipa, word)) for word in pinyin(piece))
    if piece[0].isascii() and piece[0].isalpha():
        return " " + WORDS.get(piece.lower(), " ".join(LETTERS[c] for c in piece.upper())) + " "
    return piece


def _ipa(reading: str) -> str:
    """A character without a reading stays, and is then no sound of any voice."""
    return ZHG2P.py2ipa(reading) if reading.isascii() else reading[0]
