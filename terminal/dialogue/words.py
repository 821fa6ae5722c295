"""What people say around a question: greetings, fillers, particles."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 200
"""A spoken question is under 60; what is longer is a paste or an attack."""

_EDGES = re.compile(
    r"^(?:(?:嗯+|呃+|额(?![度外头])|哎+呀?|唉|啊|哦|喂|诶|[那这]个(?!月|礼拜|星期|周|季度)|就是说?|请问一?下?|问一?下|我想问一?下|我问一?下|我想咨询一?下|"
    r"咨询一?下|打听一?下|麻烦问?一?下?|劳驾|[您你]好|(?:好的?|行|知道了?|明白了?|谢谢你?)(?=[，。,！!\s])|师傅|同志|小姑娘|闺女|小伙子|姑娘|大妹子|服务员|美女|帅哥|"
    r"我说|跟你说|我?跟你讲|你听我(?:说|讲)|(?:怎么|咋)说呢|是这样的?|是这么(?:个事儿?|回事儿?)|不好意思|对不起|打扰一?下|想问一?下|能不能问一?下|你?帮我(?:查|看)一?下)[，。、！？,.!?\s]*)+"
)
_ENDS = re.compile(
    r"(?:[，。、！？,.!?\s]|啊|呀|呢|嘛|哦|噢|哈|哇|呗|哩|咧|嘞|谢谢你?您?|谢谢了|好吧)+$"
)
_NOT_WORDS = re.compile(r"[^\w\s]|_")


def visible(text: str) -> str:
    """On one line, without control characters, invisible ones and halves of surrogate pairs."""
    spaced = re.sub(r"\s", " ", text)
    return "".join(char for char in spaced if unicodedata.category(char)[0] != "C")


def clean(text: str) -> str:
    """NFKC, control characters and markup signs out, length bounded."""
    folded = unicodedata.normalize("NFKC", text[: MAX_CHARACTERS * 2])
    kept = "".join(c for c in folded if c in " \n" or unicodedata.category(c)[0] not in "CS")
    return re.sub(r"\s+", " ", kept).strip()[:MAX_CHARACTERS]


def core(text: str) -> str:
    """The question itself: no greeting in front, no particle behind, no punctuation."""
    text = clean(text)
    bare = _ENDS.sub("", _EDGES.sub("", text, count=1))
    return squeezed(bare) or squeezed(text)


def squeezed(text: str) -> str:
    """Lower case, without punctuation; spaces stay only between Latin words."""
    text = _NOT_WORDS.sub(" ", clean(text).lower())
    text = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", text)
    return re.sub(r"\s+", " ", text).strip()
