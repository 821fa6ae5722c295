"""People correct themselves, and the kiosk: 办护照，哦不，我说错了，是通行证.

What was taken back is dropped, what replaces it stays, and the matter around it is kept where
the replacement cannot stand alone: 身份证丢了，啊不是丢了，是到期了 -> 身份证到期了.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIGH = r"(?:哦|噢|喔|啊|哎呀?|唉|诶|呃|嗯|呸+|那个|就是|不好意思|对不起)*"
_SLIP = re.compile(
    rf"^{_SIGH}(?:不对|不是|不+|错了?|我?说(?:错|反|岔|差|混)了?|我?(?:搞|弄|讲|记|听)(?:错|混|反)了?|口误|等一?下|等等|算了(?:不.{{0,2}}了)?|"
    rf"你?(?:听|搞|弄|理解|说)(?:错|岔|反)了?|答非所问|我?(?:不是|没)(?:问|说|要)?(?:这|那)个|你没(?:听|明白|懂).{{0,4}})(?:{_SIGH}(?:不对|不是|不+|错了?|我?说错了?))*$"
)
"""A clause that only takes back."""
_NOT = re.compile(
    rf"^{_SIGH}(?:我们?|也|又|并|可|都)*(?:不是|没说|没让你|没问|(?P<weak>不(?!是)|没))(?:要|想|问|说|办|查|让你|来)*(?P<wrong>.{{1,10}})$"
)
"""A clause that takes something back."""
_CONTRAST = re.compile(r"^(?:而|其实|应该|就|我们?)*(?:就?是|问的?|说的?|要的?是|办的?是)")
_LEAD = re.compile(
    r"^(?:(?:而|其实|应该|还是|就是|是|我们?是?|说的?是?|问的?是?|要的?是?|要|想|先问|先|办的?是|查的?是|那个|嗯|呃|啊|哦))+(?=.{2})"
)
_CLAUSES = re.compile(r"[，。、,.…？?！!；;：:\s]+")
_RUN_ON = re.compile(
    rf"(?<=[^是对好行能会要都我也没俩，,。])(?={_SIGH}(?:不对不对|不对(?!.?劲)|不是(?=.{{1,6}}(?:是|，|,))|我?说错了|哦不))"
)
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


def parsed(text: str) -> Repair | None:
    """The last repair in `text` (with its punctuation), or None."""
    clauses = _clauses(text)
    for number in range(len(clauses) - 1, -1, -1):
        clause, rest = clauses[number], clauses[number + 1 :]
        if _SLIP.match(clause):
            return Repair(_head(clauses[:number]), _wrong(clauses[:number]), _tail(rest))
        denied = _NOT.match(clause)
        if denied and rest and (not denied["weak"] or _contrasts(rest, clauses[:number], denied)):
            return Repair(_head(clauses[:number]), denied["wrong"], _tail(rest))
    return None


def _contrasts(rest: list[str], before: list[str], denied: re.Match[str]) -> bool:
    """Whether 没丢, 不开户 denies what was said, rather than tells of something."""
    named = any(denied["wrong"] in clause for clause in before)
    return any(_CONTRAST.match(clause) for clause in rest) and (named or not before)


def _clauses(text: str) -> list[str]:
    parts = [part for part in _CLAUSES.split(_RUN_ON.sub("，", text)) if part]
    split: list[str] = []
    for part in parts:
        inside = _INSIDE.match(part)
        split += [inside["no"], inside["yes"]] if inside and _NOT.match(inside["no"]) else [part]
    return split


def _head(clauses: list[str]) -> str:
    """What was said before, without earlier takings back."""
    return "，".join(c for c in clauses if not _SLIP.match(c) and not _NOT.match(c))


def _wrong(clauses: list[str]) -> str:
    found = [match["wrong"] for c in clauses if (match := _NOT.match(c)) and not match["weak"]]
    return found[-1] if found else ""


def _tail(clauses: list[str]) -> str:
    """From the clause that says what it is; else all of it."""
    for number, clause in enumerate(clauses):
        if number and re.match(r"^(?:而|就|我问的|我说的|我要的|我办的)?是", clause):
            clauses = clauses[number:]
            break
    return "，".join(
        _LEAD.sub("", clause, count=1) if not i else clause for i, clause in enumerate(clauses)
    )
