"""Answers to a question of the kiosk: 第二个, 对, 都不是, or the name of one of the options."""

from __future__ import annotations

import re
from typing import Literal

from terminal.dialogue.words import core, squeezed

Agreement = Literal["yes", "no"]

_POLITE = r"(?:[，。！,.! ]|嗯|哦|啊|呀|吧|嘛|呢|了|的|就|那|谢谢|麻烦你?|请|我|要|选|说|给我|看|问|想|先|来|讲|you|please|thanks?)*"
LONGEST = 24
"""Characters of such an answer."""
_ORDINALS = (
    r"(?:第一|头一?|上面|前面|最前|最上)(?:个|条|项|种|那个|面?那?个?)?|1|一|一号|a|the first(?: one)?|number one|first(?: one)?",
    r"第二(?:个|条|项|种)?|中间(?:那个|那|的)?|2|二|二号|b|the second(?: one)?|number two|second(?: one)?",
    r"第三(?:个|条|项|种)?|3|三|三号|c|the third(?: one)?|number three|third(?: one)?",
)
_LAST = (
    r"最后(?:一|那)?个?|末尾(?:那个)?|后面那?个?|最下面?那?个?|后一个|the last(?: one)?|last one"
)
_YES = (
    r"(?:(?:对|是|那?好|行|可以|(?:两个都|都|需)?要|嗯|没错|成|中|得|当然|继续|接着说|也说说?|一起说|说吧|讲吧|说说看?|你[说讲]说?看?|"
    r"ok|yes|yeah|sure|please)[了吧 ]?)+"
)
_NO = r"(?:都?不是|不对|都?不要|不用了?|不需要|算了|都?没有|都?没|不了|no|nope|none(?: of (?:them|these))?|neither|不|一个都不是|哪个都不是|不想|不问了)+"

_ENOUGH = r"(?:[好行够]了|[好行]啦|可以了)+"
"""Said alone it ends the matter: the answer to an offer of more is no."""


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(
        rf"^{_POLITE}(?:{pattern}){_POLITE}(?:那个|这个|那|的)?{_POLITE}$", re.IGNORECASE
    )


_NUMBERED = tuple(map(_whole, _ORDINALS))
_FINAL = _whole(_LAST)
_AGREES = _whole(_YES)
_REFUSES = _whole(rf"{_NO}|{_ENOUGH}")
_REFUSAL = re.compile(
    r"^(?:(?:这|那)?(?:三|两|几)个)?(?:都?不是|都?不对|(?:一个|哪个|没一个)(?:都|也)?(?:不|没)?(?:是|对)的?|none of (?:them|these)|neither)"
    r"(?:[，,。 ]*(?:你再(?:想想|听听|看看|猜猜)|再想想))?[，,。 ]*"
)


def numbered(text: str, count: int) -> int | None:
    """Which of `count` options an ordinal names, from 0."""
    if len(text) > LONGEST:
        return None
    for number, pattern in enumerate(_NUMBERED[:count]):
        if pattern.match(text):
            return number
    return count - 1 if count and _FINAL.match(text) else None


def agreement(text: str) -> Agreement | None:
    """Whether `text` says yes or no, and nothing else."""
    said = squeezed(text)
    if len(said) > LONGEST:
        return None
    if _REFUSES.match(said):
        return "no"
    return "yes" if _AGREES.match(said) else None


_THAT_ONE = re.compile(
    r"^(?:就是|我说的是|我要的是|我问的是|是|要|选|那个|说)+(?=..)|(?:的?那个|那个的?|那一?[项种条]|的)$"
)


def named(text: str) -> str:
    """The words that name an option: 就是丢了那个 -> 丢了."""
    return _THAT_ONE.sub("", text) or text


def after_refusal(text: str) -> str | None:
    """What follows 都不是，…; None if the options are not refused."""
    found = _REFUSAL.match(text)
    return text[found.end() :] if found else None


_WHO = re.compile(
    r"^(?:你|您)(?:到底|究竟)?(?:是谁|叫(?:什么|啥)(?:名字?)?|是(?:个|什么|啥)?(?:真人|活人|人|机器人?|东西|ai)(?:吗|还是.{1,5})?|"
    r"是(?:干(?:什么|啥|嘛)|做什么)的|(?:都|还)?(?:会|能)(?:帮我|给我)?(?:干|做|办|回答)(?:点|些)?(?:什么|啥|嘛|哪些.{0,3}))$"
    r"|^(?:who|what) are you$|^what(?: is|'s| s) your name$|^what can you do(?: for me)?$|^are you (?:a |an )?(?:robot|human|real person|ai|machine)$"
)


def asks_who(text: str) -> bool:
    """你是谁, 你会干啥: the kiosk says what it is."""
    return _WHO.match(core(text)) is not None


_NOISE = re.compile(
    r"请不吝|点赞|打赏支持|明镜与点点|字幕由|字幕志愿|中文字幕|amara|谢谢(?:大家)?(?:观看|收看)|感谢(?:大家)?(?:观看|收看)|优优独播|"
    r"订阅我?的?频道|下期再见|多谢您?的?观看|独播剧场|thanks? (?:you )?for watching|subscribe"
)


def is_noise(text: str) -> bool:
    """No word in it, or what recognisers write when nobody speaks: the end titles of videos."""
    words = core(text)
    return not words or _NOISE.search(words) is not None
