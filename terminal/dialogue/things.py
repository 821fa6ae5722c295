"""Whether an item is about the thing that a question names.

身份证丢了 is nearly 银行卡丢了, and no answer of a bank. A paper or card that is lost, renewed or
applied for must be named among an item's phrases, if the item is to answer the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from knowledge.schema import Faq, Guide
from terminal.dialogue.understanding import Ranking

_NAMES: tuple[str, ...] = (
    "身份证",
    "护照",
    "居住证|暂住证",
    "社保卡|医保卡|社会保障卡",
    "驾驶证|驾照|驾驶本",
    "行驶证|行车证|行车本",
    "户口[本簿]",
    "结婚证",
    "离婚证",
    "房产证|房本|不动产证",
    "(?:营业)?执照",
    "残疾人?证",
    "老年[证卡]|老人[证卡]",
    "学生证|毕业证|学位证",
    "工作证|工牌|健康证|资格证",
    "购物卡|会员卡|加油卡|饭卡|门禁卡|公交卡|地铁卡|超市卡",
    "手机卡|电话卡|电话号码卡",
    "(?<!信)银行卡|储蓄卡|借记卡",
    "信用卡",
    "存折|存单",
    "[养]?[狗犬]证",
    "出生证",
    "准生证|生育证|独生子女证",
    "通行证",
    "签证",
    "车牌|车票|机票|船票",
    "宽带|网线|电视机?|空调|冰箱|洗衣机",
    "快递|包裹|外卖",
)
_BETWEEN = r"(?:的|了|事|我|又|也|都|给|让|被|人家|是|，|要|还|想|这|怎么|会)*"
_AFTER = (
    rf"{_BETWEEN}(?:丢|掉|没了|不见|找不|弄没|遗失|偷|过期|到期|坏|断|咋|怎么|如何|在哪|去哪|到哪|哪儿|哪里|补|换|办|领|注销|"
    r"挂失|激活|多少钱|要带|报修|修)"
)
_BEFORE = r"(?:办理?|补办?|换|领|丢|掉|申请|注销|挂失|续|报修|修)(?:了|个|一?张|一?本|一个|一下|我的?|他的?|的|新)*"
_THINGS = tuple(
    (re.compile(names), re.compile(rf"(?:{names}){_AFTER}|{_BEFORE}(?:{names})"))
    for names in _NAMES
)
SURE = 0.95
"""Probability of an item that no thing beside it can refute."""
_ANYWHERE = ("site.", "queue.", "control.")
"""Items about no thing: 身份证丢在你们大厅了 is a question to the lost property."""


class Things:
    """What the items of a pack are about."""

    def __init__(self, items: Iterable[Faq | Guide]) -> None:
        self._of: Mapping[str, frozenset[int]] = {item.id: _things_of(item) for item in items}

    def fitting(self, text: str, ranking: Ranking) -> Ranking:
        """`ranking` without the items that never name the thing that `text` is about."""
        wanted = {number for number, (_, about) in enumerate(_THINGS) if about.search(text)}
        if not wanted:
            return ranking
        if ranking.chance >= SURE:
            # 办签证人家要流水: the thing stands aside.
            return ranking
        kept = ranking.among(
            lambda item: item.startswith(_ANYWHERE) or bool(wanted & self._of[item])
        )
        return replace(kept, broad=ranking.broad)


def named_in(text: str) -> str:
    """The thing that a question names first; empty where it names none."""
    found = [match for name, _ in _THINGS if (match := name.search(text))]
    return min(found, key=lambda match: match.start()).group() if found else ""


def _things_of(item: Faq | Guide) -> frozenset[int]:
    """What the item is called after, and what its questions want done with it."""
    called = "\n".join([item.title, *item.aliases])
    asked = "\n".join(item.variants)
    return frozenset(
        number
        for number, (name, about) in enumerate(_THINGS)
        if name.search(called) or about.search(asked)
    )
