"""English text to the phonemes that Kokoro was trained on.

misaki's own reader of English needs a part-of-speech tagger of half a gigabyte. Its
dictionaries come without one, and hold what matters: the phonemes of 180,000 words. What is
here are the rules around them: the little words that change with their neighbours, words with
two readings, endings, letters that are spelt, and (in `models.spelling`) what no dictionary has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

from models import spelling
from models.pronounce import LETTERS

REVISION = 1
"""Raised when the same words would be said otherwise: kept speech is then made anew."""

TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W\d_]+(?:['-][^\W\d_]+)*|\s+[-–—]+\s+|\s+|.",
    re.DOTALL,
)
PAUSES = frozenset(';:,.!?—…"()“”')
SOUNDS = {"‘": "'", "’": "'", "，": ",", "。": ".", "？": "?", "！": "!", "：": ":", "；": ";"}
VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
STRONG, WEAK = "ˈ", "ˌ"

WORDS = {
    "wifi": "wˈIfˌI",
    "ok": "ˌOkˈA",
    "wechat": "wˈiʧˌæt",
    "alipay": "ˈælipˌA",
    "unionpay": "jˈunjənpˌA",
    "app": "ˈæp",
    "pin": "pˈɪn",
    "sim": "sˈɪm",
    "visa": "vˈizə",
    "e-mail": "ˈimˌAl",
    "pinyin": "pˌɪnjˈɪn",
    "hukou": "hˌukˈO",
}
"""Words of the trade that the dictionaries lack, or that are capitals and yet no letters."""
SPELT = 4
"""Capitals up to this many are letters: ATM, PDF, QR."""

DOERS = frozenset(
    "to will can could must may might should would please not don't you we i they who".split()
)
"""Before a word with two readings: it is a verb."""
HOLDERS = frozenset("a an the your my our their his her its this that of no any per each".split())
"""Before such a word: it is a noun."""


def prime() -> None:
    """Read the dictionaries (6 MB) now, not at the first answer."""
    phonemes("Good morning.")


def phonemes(text: str) -> str:
    """IPA of `text`, already normalised for speech; signs that nobody knows stay as they are."""
    tokens = TOKEN.findall("".join(SOUNDS.get(char, char) for char in text))
    said: list[str] = []
    following: bool | None = None
    for i in reversed(range(len(tokens))):
        sound = _token(tokens, i, following)
        said.append(sound)
        following = _begins_with_vowel(sound, following)
    # Kokoro writes the flap of American "city" as T.
    return "".join(reversed(said)).replace("ɾ", "T").replace("ʔ", "t").strip()


def _token(tokens: Sequence[str], i: int, vowel: bool | None) -> str:
    """One word or sign; `vowel`: whether the next sound is one, None before a pause."""
    token = tokens[i]
    if token.isspace():
        return " "
    if not token.strip(" -–—"):
        return "—" if " " in token else " "
    if not token[0].isalpha() or not token.isascii():
        return token
    earlier = next((each for each in reversed(tokens[:i]) if each.strip()), "")
    return _little(token, earlier, vowel) or _word(token, earlier, vowel)


def _begins_with_vowel(sound: str, before: bool | None) -> bool | None:
    first = next((char for char in sound if char not in " ˈˌ'"), "")
    return before if not first else None if first in PAUSES else first in VOWELS


def _little(word: str, earlier: str, vowel: bool | None) -> str | None:
    """Words that sound otherwise before a vowel, a consonant and a pause."""
    begins = not earlier or earlier in PAUSES
    if word == "a" or (word == "A" and begins and vowel is not None):
        return "ɐ"
    match word.lower():
        case "an":
            return "ɐn"
        case "the":
            return "ði" if vowel else "ðə"
        case "to":
            return {None: "tˈu", True: "tʊ", False: "tə"}[vowel]
        case "in":
            return "ɪn" if vowel is not None else "ˈɪn"
        case "i":
            return "ˌI" if word == "I" and vowel is not None else "ˈI"
    return None


def _word(word: str, earlier: str, vowel: bool | None) -> str:
    letters = word.replace(".", "")
    if len(letters) == 1 or "." in word:
        return spelt(letters)
    if letters.lower() in WORDS:
        return WORDS[letters.lower()]
    if plural := re.fullmatch(r"([A-Z]{2,})'?s", word):
        return _with_s(spelt(plural[1]))
    if letters.isupper() and len(letters) <= SPELT:
        return spelt(letters)
    return _known(word, _role(earlier, vowel)) or _in_parts(word, earlier, vowel)


def _role(earlier: str, vowel: bool | None) -> str:
    """What a tagger would say, as far as one word before tells."""
    before = earlier.lower()
    if before in DOERS:
        return "VERB"
    if before in HOLDERS:
        return "NOUN"
    return "None" if vowel is None else "DEFAULT"


def _in_parts(word: str, earlier: str, vowel: bool | None) -> str:
    """What is no word of a dictionary as a whole: Wi-Fi-Box, MyBank, Zhongguancun."""
    if spelling.pinyin(word.lower()):
        return spelling.sounded(word.lower())
    parts = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+(?:'[a-z]+)?|[A-Z]|[a-z]+", word)
    if len(parts) > 1:
        return " ".join(_word(part, earlier, vowel) for part in parts)
    return spelling.sounded(word.lower()) or spelt(word)


def spelt(letters: str) -> str:
    """Letter by letter, with the stress on the last: ATM."""
    said = [LETTERS[char] for char in letters.upper() if char in LETTERS]
    return "".join([*(each.replace(STRONG, WEAK) for each in said[:-1]), *said[-1:]])


@lru_cache(maxsize=4096)
def _known(word: str, role: str) -> str | None:
    """The word from the dictionaries, itself or as a stem with an ending."""
    lower = word.lower()
    for each in dict.fromkeys((word, lower, lower.capitalize())):
        if found := _entry(each, role):
            return found
    for ending, stems, add in _ENDINGS:
        if lower.endswith(ending) and len(lower) > len(ending) + 1:
            for stem in stems:
                shape = f"{lower[: -len(ending)]}{stem}"
                if found := _entry(shape, role) or _entry(shape.capitalize(), role):
                    return add(found)
    if doubled := re.fullmatch(r"(.+)([bdgklmnprt])\2(ing|ed)", lower):
        add = _with_ing if doubled[3] == "ing" else _with_ed
        root = _entry(f"{doubled[1]}{doubled[2]}", role)
        return add(root) if root else None
    return None


def _with_s(stem: str) -> str:
    if stem[-1] in "ptkfθ":
        return f"{stem}s"
    return f"{stem}ᵻz" if stem[-1] in "szʃʒʧʤ" else f"{stem}z"


def _with_ed(stem: str) -> str:
    if stem[-1] in "pkfθʃsʧ":
        return f"{stem}t"
    return f"{_flapped(stem)}ᵻd" if stem[-1] in "td" else f"{stem}d"


def _with_ing(stem: str) -> str:
    return f"{_flapped(stem)}ɪŋ"


def _flapped(stem: str) -> str:
    flap = len(stem) > 1 and stem[-1] == "t" and stem[-2] in "AIOWYiuæɑəɛɪɹʊʌ"
    return f"{stem[:-1]}ɾ" if flap else stem


_ENDINGS = (
    ("'s", ("",), _with_s),
    ("s'", ("",), _with_s),
    ("ies", ("y",), _with_s),
    ("es", ("", "e"), _with_s),
    ("s", ("",), _with_s),
    ("ied", ("y",), _with_ed),
    ("ed", ("", "e"), _with_ed),
    ("ing", ("", "e"), _with_ing),
    ("ly", ("",), "{}li".format),
)
"""Ending, what the stem has instead, how it sounds."""


@cache
def _dictionaries() -> tuple[bytes, ...]:
    """As text, and searched as text (under 1 ms): as tables they would take 60 MB."""
    folder = resources.files("misaki").joinpath("data")
    return tuple(folder.joinpath(f"us_{kind}.json").read_bytes() for kind in ("gold", "silver"))


def _entry(word: str, role: str) -> str | None:
    key = f'\n  "{word}": '.encode()
    for dictionary in _dictionaries():
        at = dictionary.find(key)
        if at >= 0:
            value = dictionary[at + len(key) : at + len(key) + 300].decode("utf-8", "ignore")
            return _reading(json.JSONDecoder().raw_decode(value)[0], role)
    return None


def _reading(entry: str | Mapping[str, str | None], role: str) -> str | None:
    return entry if isinstance(entry, str) else entry.get(role) or entry["DEFAULT"]
