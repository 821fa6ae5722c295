"""The sound of words that no English dictionary has: Chinese names in pinyin, then any word.

Pinyin is said as a careful newsreader says it, with English sounds and without tones.
"""

from __future__ import annotations

import re
from functools import lru_cache

_INITIALS = {
    **dict(zip("bpmfdtnlkhrswzgjqxy", "bpmfdtnlkhɹswzɡʤʧʃj", strict=True)),
    "c": "ts",
    "zh": "ʤ",
    "ch": "ʧ",
    "sh": "ʃ",
    "": "",
}
_FINALS = dict(
    pair.split("=")
    for pair in (
        "a=ˈɑ o=ˈO e=ˈʌ i=ˈi u=ˈu v=ˈu ai=ˈI ei=ˈA ao=ˈW ou=ˈO an=ˈɑn en=ˈʌn ang=ˈɑŋ eng=ˈʌŋ "
        "ong=ˈʊŋ ia=jˈɑ ie=jˈɛ iao=jˈW iu=jˈO ian=jˈɛn in=ˈɪn iang=jˈɑŋ ing=ˈɪŋ iong=jˈʊŋ "
        "ua=wˈɑ uo=wˈO uai=wˈI ui=wˈA uan=wˈɑn un=wˈʌn uang=wˈɑŋ ue=wˈɛ er=ˈɜɹ"
    ).split()
)
_BUZZED = re.compile("(?:[zcs]h?|r)i")
"""The vowel of these is no i, but for ri, which English tongues say so."""

_COMMON = "uan|ong|ang|eng|ua|uo|ui|un|ai|ei|ao|ou|an|en|a|e|u"
_SYLLABLE = (
    "|".join(
        f"(?:{initials})(?:{finals})"
        for initials, finals in (
            ("[bpmf]", "iao|ian|ang|eng|ing|ie|in|ai|ei|ao|ou|an|en|a|o|i|u"),
            ("[dtnl]", f"iang|iao|ian|ing|iu|ie|in|ia|ue|{_COMMON}|i|v"),
            ("[gkh]", f"uang|uai|{_COMMON}"),
            ("[jqx]", "iang|iong|iao|ian|uan|ing|ia|ie|iu|in|ue|un|i|u"),
            ("zh|ch|sh|[rzcs]", f"uang|uai|{_COMMON}|i"),
            ("y", "uan|ang|ing|ong|ao|ou|an|in|ue|un|a|e|i|u|o"),
            ("w", "ang|eng|ai|ei|an|en|a|o|u"),
        )
    )
    + "|ang|ai|ao|ou|an|en|er|ei"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE})+(?:'(?:{_SYLLABLE})+)*")
_FIRST = re.compile(rf"({_SYLLABLE})((?:{_SYLLABLE})*)")

_LETTERS = tuple(
    (re.compile(pattern), sound)
    for pattern, _, sound in (
        pair.rpartition("=")
        for pair in (
            "tion=ʃən sion=ʒən tch=ʧ igh=I ough=O sch=sk ch=ʧ sh=ʃ th=θ ph=f ck=k ng$=ŋ nk=ŋk "
            "qu=kw ^wh=w ^kn=n ^wr=ɹ dge=ʤ ee=i ea=i oo=u oa=O ou=W ow=O ai=A ay=A ei=A ey$=i "
            "oi=Y oy=Y au=ɔ aw=ɔ ew=u ie=i ar=ɑɹ er=əɹ ir=ɜɹ or=ɔɹ ur=ɜɹ "
            "a(?=[^aeiouy]e$)=A e(?=[^aeiouy]e$)=i i(?=[^aeiouy]e$)=I o(?=[^aeiouy]e$)=O "
            "u(?=[^aeiouy]e$)=u (?<=[^aeiouy])e$= (?<=[^aeiouy])y$=i ^y=j y=ɪ c(?=[eiy])=s "
            "g(?=[ei])=ʤ ([bcdfglmnprstz])(?=\\1)= x=ks c=k g=ɡ j=ʤ q=k r=ɹ a$=ə o$=O i$=i "
            "a=æ e=ɛ i=ɪ o=ɑ u=ʌ b=b d=d f=f h=h k=k l=l m=m n=n p=p s=s t=t v=v w=w z=z"
        ).split()
    )
)
"""Letters and their usual sound, the longest first."""
_VOWEL = re.compile("[AIOWYiuæɑɔɛɜɪʊʌ]")


@lru_cache(maxsize=4096)
def sounded(word: str) -> str:
    """Phonemes of `word`, a-z and the ' of xi'an; empty when it cannot be said as a word."""
    if not re.search("[aeiouy]", word) or not word.isascii():
        return ""
    syllables = pinyin(word)
    if syllables:
        said = [_syllable(each) for each in syllables]
        return "".join([*(each.replace("ˈ", "ˌ") for each in said[:-1]), said[-1]])
    return _by_letters(word.replace("'", ""))


def pinyin(word: str) -> list[str]:
    """The syllables of `word`, the first ones as long as can be; none if it is no pinyin."""
    if not _PINYIN.fullmatch(word):
        return []
    syllables = []
    for part in word.split("'"):
        rest = part
        while found := _FIRST.fullmatch(rest):
            syllables.append(found[1])
            rest = found[2]
    return syllables


def _syllable(syllable: str) -> str:
    if _BUZZED.fullmatch(syllable):
        return _INITIALS[syllable[:-1]] + {"h": "ˈɜɹ", "r": "ˈi"}.get(syllable[-2], "ˈə")
    initial = next(each for each in (syllable[:2], syllable[:1], "") if each in _INITIALS)
    final = syllable[len(initial) :]
    if initial == "y" and final in ("i", "in", "ing"):
        return _FINALS[final]  # the y is only written
    if initial == "y" and final in ("an", "un"):
        return {"an": "jˈɛn", "un": "jˈun"}[final]
    return f"{_INITIALS[initial]}{_FINALS[final]}"


def _by_letters(word: str) -> str:
    said, at = "", 0
    while at < len(word):
        found = next(
            (hit, sound) for each, sound in _LETTERS if (hit := each.match(word, at)) is not None
        )
        said += found[1]
        at = found[0].end()
    return _VOWEL.sub(lambda vowel: f"ˈ{vowel[0]}", said, count=1)
