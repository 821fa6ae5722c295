"""Two questions in one breath: 厕所在哪，另外问一下哪里能复印."""

from __future__ import annotations

import re

_PAUSE = r"[，。、,.？?！!；; ]"
_ENDED = "|".join(
    rf"(?<={end})"
    for end in "吗 呢 么 呀 啊 不 怎么办 怎么弄 怎么取 怎么换 怎么交 咋办 咋弄 咋整 多少钱 多久 几天 哪儿 哪里 什么 啥".split()
)
_STILL = rf"(?:(?:{_ENDED}){_PAUSE}*|{_PAUSE}+(?=还有(?!多少|多久|多长|几|没|啥|什么|哪|谁|[一两三四五六七八九十半\d]+[个年月天万千百块])))"
"""卡里还有多少钱 is one question: 还有 adds another after a question, or after a pause where it
does not tell how much there is."""
_AND = re.compile(
    rf"(?:{_STILL}还有(?:就是|一个|个事|个)?|{_PAUSE}*(?:另外|再就是|再有|对了|顺便|顺带|再问一?[下个]|还想问|还要问|第二个?[是，]|其次|以及|完了再|然后我?再|再一个|同时|捎带))"
    r"(?:我|再|就是|还|也|想|请?问一?下?|一件事|一个问题)*[，,]?"
)
_STOP = re.compile(r"[。？?！!；;]+")
_COMMA = re.compile(r"[，,]+")
_THEN = re.compile(r"(?:然后|接着)(?:呢|再)?")
_AND_IN_ENGLISH = re.compile(
    r"(?:[,.?!;]\s*|\s+)(?:(?:and|also|plus|by the way|another question)[, ]+)+"
    r"(?=(?:where|what|how|when|which|can|could|do|does|is|are|may)\b)|[?!]\s+(?=[A-Za-z])",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"怎么|咋|如何|哪|什么|啥|多少|多久|几|吗|么$|能不能|可不可以|行不行|要不要|有没有|是不是|会不会|该不该|不$|没$|办$|呢$"
)
SHORTEST = 3


def apart(text: str) -> tuple[str, str] | None:
    """The two questions in `text`; None if it is one, or a story with one."""
    for cut in (_AND, _STOP, _COMMA, _THEN, _AND_IN_ENGLISH):
        for found in cut.finditer(text):
            first, second = (
                text[: found.start()].strip("，,。 "),
                text[found.end() :].strip("，,。 "),
            )
            if min(len(first), len(second)) < SHORTEST:
                continue
            if cut in (_AND, _AND_IN_ENGLISH) or (_ASKS.search(first) and _ASKS.search(second)):
                return first, second
    return None


MOST = 10
"""Clauses of a story that are looked at: about 30 points, 5 ms each."""
_CLAUSES = re.compile(r"[，。、,.？?！!；;：:]+")
_ASKED = re.compile(
    r".*(?:我?就?(?:想|要)(?:请)?问(?:的是|一下|问)?|请问|问题是|我是想|现在我?想)[，,]?"
)


def asks(text: str) -> bool:
    """Whether the words ask for something."""
    return _ASKS.search(text) is not None


def asked_for(text: str) -> str | None:
    """What stands behind 我就想问; None where nothing announces a question."""
    said = _ASKED.sub("", text, count=1)
    return said if said != text and len(said) >= SHORTEST else None


def points(text: str) -> list[str]:
    """Where the question of a long story may stand: in any clause or two, from its end."""
    clauses = [part for part in _CLAUSES.split(text) if part][-MOST:]
    runs = [
        "，".join(clauses[start : start + count])
        for count in (1, 2, 3)
        for start in range(len(clauses) - count, -1, -1)
    ]
    return [point for point in dict.fromkeys(runs) if SHORTEST <= len(point) < len(text)]
