"""Chinese text to the IPA that Kokoro was trained on, tone sandhi included.

misaki gives the phoneme set; pypinyin gives readings by phrase and applies the third-tone,
一 and 不 sandhi that misaki's own legacy path leaves out. Latin words inside Chinese (WiFi,
APP, ATM) are spelt with the English phonemes that Kokoro also knows.
"""

from __future__ import annotations

import re

import jieba
from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin, load_phrases_dict

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

PHRASES = {
    "重办": [["chóng"], ["bàn"]],
    "重置": [["chóng"], ["zhì"]],
    "银行卡": [["yín"], ["háng"], ["kǎ"]],
    "行长": [["háng"], ["zhǎng"]],
    "本行": [["běn"], ["háng"]],
    "他行": [["tā"], ["háng"]],
    "数电票": [["shù"], ["diàn"], ["piào"]],
    "长者": [["zhǎng"], ["zhě"]],
    "还款": [["huán"], ["kuǎn"]],
    "还贷": [["huán"], ["dài"]],
}
"""Readings that the phrase dictionary lacks or gets wrong, of words of the trade."""


def prime() -> None:
    """Load the dictionaries (about 1 s) now, not at the first answer."""
    jieba.setLogLevel(60)
    jieba.initialize()
    load_phrases_dict(PHRASES)
    phonemes("您好")


def phonemes(text: str) -> str:
    """IPA of `text`, which is already normalised for speech; unknown signs become pauses."""
    mapped = ZHG2P.map_punctuation(text)
    return "".join(_piece(piece) for piece in PIECE.findall(mapped)).replace(chr(815), "").strip()


def _piece(piece: str) -> str:
    if "\u3400" <= piece[0] <= "\u9fff":
        words = jieba.lcut(piece, cut_all=False)
        readings = lazy_pinyin(
            words, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True
        )
        return _spaced(words, readings)
    if piece[0].isascii() and piece[0].isalpha():
        return " " + WORDS.get(piece.lower(), " ".join(LETTERS[c] for c in piece.upper())) + " "
    return piece


def _spaced(words: list[str], readings: list[str]) -> str:
    """Phonemes of all readings, with a space between words as in Kokoro's training text."""
    spoken, start = [], 0
    for word in words:
        part = readings[start : start + len(word)]
        spoken.append("".join(ZHG2P.py2ipa(reading) for reading in part))
        start += len(word)
    return " ".join(spoken)
