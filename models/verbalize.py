"""Written Chinese to words that can be said: 3号窗口 -> 三号窗口, 5% -> 百分之五.

WeText's grammar does the work; what is here are the things of a service hall that it reads
otherwise: hotlines and phone numbers, codes, ranges, 两 and 二, and signs that it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice

import cn2an
from wetext import Normalizer
from wetext.constants import FSTS

# WeText loads all its languages; the other two are 25 MB that nobody asks for.
for _other in FSTS.keys() & {"en", "ja"}:
    FSTS[_other].clear()

DIGITS = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
"""As phone numbers are read aloud."""
GROUPS = {7: (3, 4), 8: (4, 4), 10: (3, 3, 4), 11: (3, 4, 4)}
"""Digits of a phone number said in one breath, by its length."""
SIGNS = str.maketrans(
    {
        **dict(zip("０１２３４５６７８９％", "0123456789%", strict=True)),
        **{chr(0xFF21 + i): chr(65 + i) for i in range(26)},
        **{chr(0xFF41 + i): chr(97 + i) for i in range(26)},
        **{
            sign: f"{said}，"
            for sign, said in zip("①②③④⑤⑥⑦⑧⑨⑩", "一二三四五六七八九十", strict=True)
        },
        **dict(zip("ⅠⅡⅢⅣⅤ", "一二三四五", strict=True)),
        "㎡": "平方米",
    }
)

_NUMBER = r"\d+(?:\.\d+)?"
_DASH = r"\s*[-—–－―~～]+\s*"
_NOT_COUNTED = (
    r"(?![\d.,:：%％‰-]|\s*(?:元|块|万|千|百|亿|美元|人(?!工)|年|天|个(?!人)|名|号(?!码)|平[米方]"
    r"|米|份|张|岁|以[上下内外]|左右|上下|多(?!少|久)|余|次|页|条|项|家|户|套|间|公[里斤顷]|斤|吨|克"
    r"|小时|分[钟之]|秒|周|月|日|期|级|层|楼|步|本(?![地人市机])|支|台|辆|栋|种|篇|字|位|笔|倍|度))"
)
_TWO_OF = (
    "次|份|笔|户|项|间|台|种|段|步|枚|款|轮|遍|副|幅|处|批|组|场|倍|家|位|条|张|个|天|人|本|页|套|件|元|块|岁|周"
    "|公[里斤]|小时|分钟|星期|年(?!级)|点(?!\\d)"
)

_PHONE = re.compile(
    r"(?<![\d-])(?:[48]00(?:[- ]?\d{3}[- ]?\d{4}|-\d{4}-\d{3})"
    r"|(?:[(（]0\d{2,3}[)）]\s?|0\d{2,3}[- ])\d{7,8}(?:-\d{1,4})?"
    r"|(?:\+?86[- ])?1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)"
)
_CALLED = re.compile(r"(?<=[打拨])(?:通|热线|电话)?\d{3,8}(?![\d.,:：%-]|[分元块个次折万])")
_HOTLINE = re.compile(
    r"(?<![\d.,:：-])(?:9[56]\d{3,4}|1(?:00[0189]\d|11\d\d|2[1-9](?!00)\d\d)|11[0249]|12[0-2])"
    + _NOT_COUNTED
)
_CODE = re.compile(r"(?:密码|验证码|尾号|号码|[账卡单编证]号|代码|转)(?:[是为：:]\s*)?\d{3,}(?!\d)")
_LONG = re.compile(rf"(?<![\d.,])\d{{9,}}{_NOT_COUNTED}")
_ROOM = re.compile(r"(?<!\d)\d{3,4}(?=室|房间)|(?<!\d)\d{3}(?=路(?![程口]))")
_YEAR_OF_LAW = re.compile(r"[〔\[（(](\d{4})[〕\]）)]")


def _digit_by_digit(found: re.Match[str]) -> str:
    return _by_digits(found[0])


RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_PHONE, lambda found: _phone(found[0])),
    (_CALLED, _digit_by_digit),
    (_CODE, _digit_by_digit),
    (_LONG, _digit_by_digit),
    (_ROOM, _digit_by_digit),
    (_HOTLINE, _digit_by_digit),
    (_YEAR_OF_LAW, lambda found: f"，{_by_digits(found[1], one='一')}年，"),
    # Thousands lose their commas; other numbers keep theirs, as a pause.
    (re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?!\d)"), lambda found: found[0].replace(",", "")),
    (re.compile(r"(?<=\d)[,，](?=\d)"), "、"),
    # Money, rates and units.
    (re.compile(rf"[¥￥]\s*({_NUMBER})"), r"\1元"),
    # WeText takes 120次 for a train.
    (re.compile(r"(?<![\d.])\d{3,8}(?=次(?!列车))"), lambda found: str(cn2an.an2cn(found[0]))),
    (re.compile(r"(\d)\.00(?=元)|(\.\d)0(?=元)"), lambda found: found[1] or found[2]),
    (re.compile(rf"({_NUMBER}[万亿]?(?:元|块|次|天))/([\u4e00-\u9fff])"), r"每\2\1"),
    (re.compile(rf"({_NUMBER})‰"), r"千分之\1"),
    (re.compile(r"(?<![\d.])100%"), "百分之百"),
    (re.compile(r"(?<=\d)h(?![a-zA-Z])"), "小时"),
    (re.compile(r"(?<=\d)\s*[*×xX]\s*(?=\d)"), "乘"),
    (re.compile(r"\b([TD])\+(?=\d)"), r"\1加"),
    (re.compile(r"[<＜]\s*(?=\d)"), "小于"),
    (re.compile(r"[>＞]\s*(?=\d)"), "大于"),
    (re.compile(r"\b(I{1,3})(?=类)"), lambda found: " 一二三"[len(found[1])]),
    (re.compile(r"(?<!\d)0?0[:：]00(?!\d|[:：])"), "零点"),
    # Ranges.
    (re.compile(rf"(?<![\d.-])({_NUMBER}){_DASH}({_NUMBER})%"), r"\1%到\2%"),
    (re.compile(rf"(?<=%){_DASH}(?=\d)|(?<=\d)\s*[—–－―~～]+\s*(?=\d)"), "到"),
    (
        re.compile(
            rf"(?<![\d.:：-])(\d{{1,3}}[点号日天层楼元岁]?){_DASH}(?=\d{{1,3}}(?![\d:：-]))"
        ),
        r"\1到",
    ),
    (re.compile(rf"((?:周|星期)[一二三四五六日天]){_DASH}(?=周|星期)"), r"\1到"),
    # 二 in a row of things, 两 before what is counted.
    (re.compile(r"第2(?!\d)"), "第二"),
    (re.compile(r"(?<=月)2(?=日)|(?<=日[至到])2(?=日)|(?<![\d.])2(?=单元|季度|线)"), "二"),
    (re.compile(rf"(?<![\d第.,:：/月年])2(?=(?:[到至]\d+)?(?:{_TWO_OF}))"), "两"),
)
"""Applied one after another, before WeText."""


@lru_cache(maxsize=1)
def _grammar() -> Normalizer:
    return Normalizer(lang="zh", operator="tn", remove_erhua=False)


def prime() -> None:
    """Load the grammar (0.5 s) now, not at the first answer."""
    verbalize("1")


@lru_cache(maxsize=4096)
def verbalize(text: str) -> str:
    """`text` as it is said; punctuation stays, for it is where the voice breathes."""
    text = text.translate(SIGNS)
    for pattern, said in RULES:
        text = pattern.sub(said, text)
    return str(_grammar().normalize(text)).removeprefix("，") if text.strip() else ""


def _phone(number: str) -> str:
    """Digit by digit, with a breath after each part; +86 is left out."""
    said = []
    for run in re.findall(r"\d+", re.sub(r"^\+?86[- ]", "", number)):
        digits = iter(_by_digits(run))
        said += ["".join(islice(digits, n)) for n in GROUPS.get(len(run), (len(run),))]
    return "，".join(said)


def _by_digits(text: str, one: str = "幺") -> str:
    """Every digit of `text` by its own name."""
    return "".join(DIGITS.get(char, char) for char in text).replace("幺", one)
