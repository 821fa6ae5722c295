"""People correct themselves, and the kiosk: 办护照，哦不，我说错了，是通行证.

What was taken back is dropped, what replaces it stays, and the matter around it is kept where
the replacement cannot stand alone: 身份证丢了，啊不是丢了，是到期了 -> 身份证到期了.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIGH = r"(?:哦|噢|喔|啊|呀|哎|唉|诶|欸|嗨|呃|嗯|呸+|那个|就是|不好意思|对不起)*"
_SLIP = re.compile(
    rf"^{_SIGH}(?:不对|不是|不+|错了?|我?说(?:错|反|岔|差|混)了?|我?(?:搞|弄|讲|记|听|认)(?:错|混|反)人?了?|口误|等一?下|等等|算了(?:不.{{0,2}}了)?|"
    rf"你?(?:听|搞|弄|理解|说)(?:错|岔|反)了?|答非所问|(?:这个?)?我?(?:已经)?(?:(?:办|弄|取|领|换|交)过了?)+|我?(?:不是|没)(?:问|说|要)?(?:这|那)个|你没(?:听|明白|懂).{{0,4}})(?:{_SIGH}(?:不对|不是|不+|错了?|我?说错了?))*$"
)
"""A clause that only takes back."""
_HAIL = re.compile(rf"^(?:{_SIGH}|喂|[你您]好|师傅|同志|请问)$")
"""A clause that says nothing."""
_NOT = re.compile(
    rf"^{_SIGH}(?:我们?|也|又|并|可|都)*(?:不是|没说|没让你|没问|(?P<weak>不(?!是)|没))(?:要|想|问|说|办|查|让你|来)*(?P<wrong>.{{1,10}})$"
)
"""A clause that takes something back."""
_WHO_ASKED = re.compile(r"^谁(?:要|说|问|让你)(?!.*[吗呢]$)")
"""谁要注销了: it was not that."""
_CONTRAST = re.compile(
    r"^(?:而|其实|应该|就|我们?)*(?:就?是(?!不是|否)|问的?|说的?|要的?是|办的?是)"
)
_LEAD = re.compile(
    r"^(?:(?:而|其实|应该|还是|就是|是(?!不是|否)|我们?(?=是|就|要|想|说|问|查|办|来|先|其实)|说的?是?|问的?是?|要的?是?|要|想|先问|先|办的?是|查的?是|那个|嗯|呃|啊|哦))+(?=.{2})"
)
_CLAUSES = re.compile(r"[，。、,.…？?！!；;：:\s]+")
_MEANT = (
    r"(?:而?是(?!不是|否|怎么|什么|啥|咋|因为|哪|谁|为)|应该(?!怎么|咋)|我(?:要|问|说|想|是|办)|"
    r"[办换补查改开销取交领]|要(?:办|换|补|查|改|问|的))"
)
"""What is meant instead begins so."""
_OF_THINGS = "".join(
    rf"(?<!{thing})"
    for thing in "码 额 数 钱 账 单 单子 余额 息 址 名 名字 字 料 容 号 片 期 间 份 龄 岁 日 别 族 业 话 章 "
    "色 式 序 骤 程 向 纹 脸 票 证明 积 上 里 的 都 也 又 还 就 总 老 哪 哪儿 点 么 啥 示 输 写 填 打 印 记 算 "
    "按 录 觉 说".split()
)
"""密码不对 tells of the password, and takes nothing back."""
_RUN_ON = re.compile(
    rf"(?<=[^是对好行能会要都我也没俩，,。])(?={_SIGH}(?:不对不对|{_OF_THINGS}不对[，,。 ]*{_MEANT}|不是(?=.{{1,6}}(?:是|，|,))|我?说错了|哦不))"
)
_THEN = re.compile(rf"((?:^|[，,])(?:{_SIGH}(?:不对|错了|我?说错了))+)(?={_MEANT})")
"""A taking back with no pause before what is meant."""
_MINE = r"我?(?:问|说|要|办|查)的?是(?!不是)"
_CLAIM = re.compile(rf"^{_MINE}.")
_AFTER = re.compile(rf"^({_MINE}[^我他她]{{1,8}}?)(不是.{{1,8}})$")
"""我问的是激活不是补办."""
_INSIDE = re.compile(r"^(?P<no>.*不是.{1,6}?)(?P<yes>(?:而|就)?是.+)$")


@dataclass(frozen=True, slots=True)
class Repair:
    """An utterance in which something is taken back."""

    head: str
    """What was said before; empty if the kiosk is corrected."""
    wrong: str
    """What is taken back, where it is named."""
    tail: str
    """What is meant instead; empty if that is not said."""

    @property
    def kept(self) -> str:
        """The head without what was taken back."""
        return self.head.replace(self.wrong, "") if self.wrong else self.head


_WAIT = re.compile(r"^等(?:等|一?下|会儿?)$")
"""Alone it stops the kiosk, and takes nothing back."""


def parsed(text: str) -> Repair | None:
    """The last repair in `text` (with its punctuation), or None."""
    clauses = _clauses(text)
    if len(clauses) == 1 and _WAIT.match(clauses[0]):
        return None
    last = len(clauses) - 1
    for number in range(last, -1, -1):
        clause, rest = clauses[number], clauses[number + 1 :]
        if _SLIP.match(clause):
            return Repair(_head(clauses[:number]), _wrong(clauses[:number]), _tail(rest))
        denied = _NOT.match(clause)
        if denied and number == last > 0 and _CLAIM.match(clauses[-2]):
            return Repair(_head(clauses[:-2]), denied["wrong"], _tail(clauses[-2:-1]))
        if denied and rest and (not denied["weak"] or _contrasts(rest, clauses[:number], denied)):
            return Repair(_head(clauses[:number]), denied["wrong"], _tail(rest))
    return None


def _contrasts(rest: list[str], before: list[str], denied: re.Match[str]) -> bool:
    """Whether 没丢, 不开户 denies what was said, rather than tells of something."""
    named = any(denied["wrong"] in clause for clause in before)
    return any(_CONTRAST.match(clause) for clause in rest) and (named or not before)


def _clauses(text: str) -> list[str]:
    paused = _THEN.sub(r"\1，", _RUN_ON.sub("，", text))
    parts = [part for part in _CLAUSES.split(paused) if part]
    split: list[str] = []
    for part in parts:
        inside, after = _INSIDE.match(part), _AFTER.match(part)
        if inside and _NOT.match(inside["no"]):
            split += [inside["no"], inside["yes"]]
        else:
            split += after.groups() if after else [part]
    return split


def _head(clauses: list[str]) -> str:
    """What was said before, without earlier takings back."""
    return "，".join(c for c in clauses if not any(p.match(c) for p in (_SLIP, _NOT, _HAIL)))


def _wrong(clauses: list[str]) -> str:
    found = [match["wrong"] for c in clauses if (match := _NOT.match(c)) and not match["weak"]]
    return found[-1] if found else ""


def _tail(clauses: list[str]) -> str:
    """From the clause that says what it is; else all of it."""
    clauses = [clause for clause in clauses if not _WHO_ASKED.match(clause)] or clauses
    for number, clause in enumerate(clauses):
        if number and re.match(r"^(?:而|就|我问的|我说的|我要的|我办的)?是(?!不是|否)", clause):
            clauses = clauses[number:]
            break
    return "，".join(
        _LEAD.sub("", clause, count=1) if not i else clause for i, clause in enumerate(clauses)
    )
