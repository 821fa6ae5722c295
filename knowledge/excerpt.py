"""A written answer -> the few words of it that are said, without a word that is not in it."""

from __future__ import annotations

import re
import unicodedata

from knowledge.speech import MAX_SPOKEN, plain_text

MORE = "详细内容请看屏幕。"
LOOKED_AT = 10 * MAX_SPOKEN
"""Characters of an answer: nothing behind them can be reached."""
ONLY_SHOWN = "请看屏幕上的内容。"
"""Where an answer has nothing that can be said."""

_SAID = {
    "【": "",
    "】": "，",
    "「": "“",
    "」": "”",
    "→": "，",
    "|": "，",
    "｜": "，",
    "㎡": "平方米",
    "℃": "摄氏度",
    "°": "度",
    "×": "乘",
    "=": "等于",
    "≥": "不小于",
    "≤": "不大于",
    "<": "小于",
    ">": "大于",
    "±": "正负",
    "–": "-",
    "‐": "-",
    "$": "美元",
}
_REWRITTEN = (
    (re.compile(r"(?:https?://|www\.)[^\s，。；、）)】》一-鿿]+"), "屏幕上的网址"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "屏幕上的邮箱"),
    (re.compile(r"[¥￥]\s*(\d[\d.,]*)(?!\d*\s*[万千百]?元)"), r"\1元"),
    (re.compile(r"(?<=[\d点时分月日])\s*[~～]\s*(?=[\d上下周])"), "至"),
)
_GREETING = re.compile(
    r"^(?:尊敬的[^，。！：:\n]{1,8}[，,：:]?\s*)?(?:您好|你好)[！!，,。：:\s]+(?=\S)"
)
_ENDED = re.compile(r"[。！？!?；;，,：:、…]$")
_SENTENCE = re.compile(r".+?(?:[。！？!?]+[”’）)]*|\.(?=\s)|$)", re.DOTALL)
_CLAUSE = re.compile(r"[，；;：:。！？]|(?<!\d),|,(?!\d)")
_LIST = re.compile(
    r"\s*(?:[（(]?\d{1,2}[)）、.．](?!\d)|[（(]?[一二三四五六七八九十]{1,2}[)）、]|[-·•])"
)
_OPEN = re.compile(r"(?:如下|以下|下列)[^。]*$|[：:；;，,、]$")


def spoken(answer: str) -> str:
    """At most `MAX_SPOKEN` characters of `answer`, all of them sayable.

    The whole answer if it is short enough, else its first sentences, else its first clauses;
    what breaks off in a list or in a sentence says that the rest stands on the screen.
    """
    text = _sayable(_in_one_line(_GREETING.sub("", answer[:LOOKED_AT])))
    if not any(char.isalnum() for char in text):
        return ONLY_SHOWN
    if len(text) <= MAX_SPOKEN:
        return text
    said, rest = _first_sentences(text)
    return said if said and not _breaks_off(said, rest) else _cut(text)


def _first_sentences(text: str) -> tuple[str, str]:
    """As many as can be said, and the rest; none if the first is too long already."""
    end = 0
    for found in _SENTENCE.finditer(text):
        if found.end() > MAX_SPOKEN:
            break
        end = found.end()
    return text[:end].strip(), text[end:]


def _in_one_line(answer: str) -> str:
    lines = [line.strip() for line in answer.split("\n") if line.strip()]
    return "".join(
        line if number == len(lines) or _ENDED.search(line) else f"{line}。"
        for number, line in enumerate(lines, 1)
    )


def _breaks_off(said: str, rest: str) -> bool:
    """A list of which only the beginning is said would be taken for the whole."""
    return bool(_LIST.match(rest) or _OPEN.search(said.rstrip("。")))


def _cut(text: str) -> str:
    room = MAX_SPOKEN - len(MORE) - 1
    ends = [found.start() for found in _CLAUSE.finditer(text[: room + 1])]
    said = text[: ends[-1]].rstrip("，；;：:。！？,、 ") if ends else ""
    return f"{said}。{MORE}" if said else MORE


def _sayable(text: str) -> str:
    for pattern, said in _REWRITTEN:
        text = pattern.sub(said, text)
    text = "".join(map(_said, text))
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text)
    return re.sub(r"[，、]+(?=[，。；！？])", "", text).lstrip("，。、；").strip()


def _said(char: str) -> str:
    if not plain_text(char):
        return char
    if char in _SAID:
        return _SAID[char]
    plain = unicodedata.normalize("NFKC", char)
    return "" if plain_text(plain) else plain
