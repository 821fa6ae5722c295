"""Whose matter it is (我自个儿的, 我闺女, 不是我的是我婆婆的), against a slot that asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from terminal.dialogue.amounts import amount_in

Who = Literal["self", "child", "grown"]

CHILD = r"(?:孩子|小孩|娃娃?|儿子|女儿|闺女|丫头|孙子|孙女|外孙女?|重孙|外甥女?|侄子|侄女|宝宝|小子|双胞胎)"
GROWN = (
    r"(?:老?爸爸?|老?妈妈?|爹|娘|父亲|母亲|父母|爸妈|老伴儿?|爱人|老公|老婆|媳妇儿?|丈夫|妻子|对象|老头子?|老太太|"
    r"哥哥?|姐姐?|弟弟?|妹妹?|嫂子|姐夫|妹夫|婆婆|公公|岳父|岳母|丈母娘|老丈人|女婿|爷爷|奶奶|姥姥|姥爷|外公|外婆|"
    r"叔叔?|伯伯|大爷|大妈|舅舅?|舅妈|姑姑?|姨妈?|邻居|朋友|同事|亲戚|老人家?|家里人|家人|别人|员工)"
)
_SELF = re.compile(
    r"自己|自个儿?|本人|^(?:是|就是|就|给|帮)*(?:我|俺|咱)(?:的|来|办|要|用|去|弄|呀|啊|了)*$"
)
_CHILD, _GROWN = re.compile(rf"{CHILD}(?!媳妇)"), re.compile(GROWN)
_NOT_THEM = re.compile(
    rf"(?:又|也|并|可)?不是[^，]{{1,6}}?(?:，|(?=是)|$)|[没不][有带迁]?(?:未成年的?)?{CHILD}"
)
"""不是我的，是我孩子的."""
_COMES = re.compile(r"^[^替帮给]*自己(?:来|去|办|能|可以|过来)")
"""我妈自己来."""
FULL_AGE = 18

_SLOT_SELF = re.compile(r"本人|自己|自个")
_SLOT_CHILD = re.compile(r"孩子|小孩|未成年|没满|监护")
_SLOT_GROWN = re.compile(r"替|代办|帮|家里人|家人|别人|家里大人")
_SLOT_FULL_AGE = re.compile(r"大人|成年(?<!未成年)|^满\d+岁")


def who(text: str) -> Who | None:
    """Who is named, or None; two kinds at once tell nothing."""
    said = _NOT_THEM.sub("", text)
    if _COMES.search(said):
        return "self"
    child, grown = _CHILD.search(said), _GROWN.search(said)
    if child and not grown:
        age = amount_in(said, "year of age")
        return "grown" if age is not None and age >= FULL_AGE else "child"
    if grown:
        return None if child else "grown"
    return "self" if _SELF.search(said) else None


class Roles(NamedTuple):
    """The values of a slot that stand for somebody."""

    own: str | None
    child: str | None
    other: str | None
    """Whoever somebody acts for."""
    full_age: str | None

    def of(self, whom: Who) -> str | None:
        """The value for somebody."""
        match whom:
            case "self":
                return self.own or self.full_age
            case "child":
                return self.child or self.other
            case "grown":
                return self.other or self.full_age


def roles(labels: Mapping[str, str]) -> Roles | None:
    """Who the values of a slot stand for; None where it asks for something else."""
    found = Roles(
        _first(labels, _SLOT_SELF, but=_SLOT_GROWN),
        _first(labels, _SLOT_CHILD),
        _first(labels, _SLOT_GROWN, but=_SLOT_CHILD),
        _first(labels, _SLOT_FULL_AGE),
    )
    about = (found.own and (found.child or found.other)) or (found.child and found.full_age)
    return found if about else None


def _first(
    labels: Mapping[str, str], wanted: re.Pattern[str], but: re.Pattern[str] | None = None
) -> str | None:
    for value, label in labels.items():
        if wanted.search(label) and not (but and but.search(label)):
            return value
    return None
