"""Situations of a guide (本人还是代办, 有没有孩子 …): one slot asked at a time, rules applied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.schema import Guide, Material, Rule, Slot
from models.sounds import syllables
from terminal.dialogue import amounts, origins, persons
from terminal.dialogue.words import clean, core

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

LIKE_AT, LEAD = 0.5, 0.08
"""Likeness of meaning to a value's words, and over the next value, from which it is taken."""
SHORT = 14
"""Characters of an answer; what is longer is a question of its own unless it names a value."""

_PAUSES = re.compile(r"[，。、？！,.!?；;：:…]+")
_ANSWERS = re.compile(
    rf"{persons.CHILD}|{persons.GROWN}|{origins.NAMES}|{amounts.NUMBER}(?:周?岁|年级?|个?月|天|块钱?|元)?|[小中大]学|幼儿园"
)
_SMALL_WORDS = re.compile(
    r"[我俺你他她它您咱们的地得了着过是就在给替帮为把被都也还有没不吧啊呢嘛呀才刚今年大概可能那这个就办来要去上到多来想用说人家卡钱书户口新老小]"
)
"""What may stand around a slot's value."""
_ONLY_ANSWERS = re.compile(
    r"^(?:都|没|不)?[有在能]$|^(?:不知道|不清楚|说不好|临时|上班|本人|公司|个体|手机|个人)$"
)
_ACTS_FOR = re.compile(rf"[替给帮]|{persons.GROWN}的")
_NEITHER = re.compile(
    r"([是有在能要会满领])[不没]\1|现在|正在|实在|可能|有点儿?|有的是|(?:我?自己|本人)(?=[来去]不了|走不动|没空)"
)
"""Words that hold 有, 在, 能 or 本人 and name no value by it."""
_DENIAL = re.compile(
    r"(?P<no>不是|没有?|未|非|(?<!要)别|(?<!要)不(?!是))(?:在|有|要|想|用|算|会|能|属于|再|给|替|帮|什么|啥|过|我们?)*$"
)
_LACKED = re.compile(r"^(?:都|也|倒|是)*没有?[了的]?$")
"""After a value's word: 欠税没有."""
_NAMES = re.compile(r"^[我他她您本老小大孩娃给替帮代新二公个]")
"""What stands after 不 as 不，我自己: a word of this kind is not denied by 不 alone."""
_UNSURE = re.compile(r"^(?:不清楚|不知道|说不[好清准]|不确定|拿不准|[弄搞]不清楚?|没数)$")
_NO_IN_WORD = re.compile(r"[不没未非]|无(?!所谓)")
_YES_NO = re.compile(r"吗$|有没有")
_SAYS_YES = re.compile(r"^[还都也]?(?:是|有|对|嗯|要|能|在|满|没错)+[的了啊]?$")
_SAYS_NO = re.compile(r"^[还都也]?(?:不是|没有?|不|未)(?P<what>.{0,4}?)[的了]?$")


class _Named(NamedTuple):
    """A value's word in an answer, from `start` to `end`."""

    start: int
    end: int
    value: str
    bare: bool
    """丢 of 丢了, which counts only if it is denied: 没丢."""


def slots(guide: Guide) -> list[Slot]:
    """All slots of a guide, in the order in which they are asked."""
    return [slot for situation in guide.situations for slot in situation.slots]


def unasked(guide: Guide, filled: Mapping[str, str]) -> Slot | None:
    """The next slot whose answer can still change anything."""
    for situation in guide.situations:
        open_rules = [rule for rule in situation.rules if _possible(rule, filled)]
        for slot in situation.slots:
            if slot.name not in filled and any(slot.name in rule.when for rule in open_rules):
                return slot
    return None


def value_in(text: str, slot: Slot, encode: Encode | None = None) -> str | None:
    """The value of `slot` that an answer gives, or None. `encode` compares by meaning too.

    不是新房 denies a value: then the other is meant, if there are but two.
    """
    parts = [_NEITHER.sub("~", core(part)).replace(" ", "") for part in _PAUSES.split(clean(text))]
    said = "".join(parts)
    amount = amounts.value_of(said, slot.values)
    if amount is not None:
        return amount
    named = _named(said, set(accumulate(map(len, parts))), slot)
    meant = [each.value for each, denied in named if not denied and not each.bare]
    whose = _whose(_without(parts, [each for each, _ in named]), slot, meant)
    if whose is not None or meant:
        return whose or meant[0]
    origin = origins.value_of(said, slot.values)
    if origin is not None:
        return origin
    known = _known(slot)
    denied = {each.value for each, no in named if no}
    if denied:
        left = [value for value in known if value not in denied]
        return left[0] if len(known) == 2 and len(left) == 1 else None
    answer = _yes_or_no(said.replace("~", ""), slot)
    if answer is not None:
        return answer
    if encode is None or not said or len(said) > SHORT:
        return None
    return _alike(core(text), slot, encode)


def told_in(text: str, slot: Slot) -> str | None:
    """The value of `slot` that a question tells by the way: 给孩子办护照, 驾照过期两年了.

    Little words (有, 在, 能) mean a value only in an answer, and 老人 may be the matter itself.
    """
    synonyms = {
        value: [word for word in words if not _ONLY_ANSWERS.match(word)]
        for value, words in slot.synonyms.items()
    }
    if persons.roles(slot.values) and persons.who(text) == "grown" and not _ACTS_FOR.search(text):
        return None
    return value_in(text, slot.model_copy(update={"synonyms": synonyms}))


def names_only(text: str, slot: Slot) -> bool:
    """Whether `text` holds nothing but an answer to the slot's question, and no matter."""
    rest = core(text)
    for word in sorted(chain.from_iterable(words for _, words in _words(slot)), key=len)[::-1]:
        rest = rest.replace(word.replace(" ", ""), "")
    return len(_SMALL_WORDS.sub("", _ANSWERS.sub("", rest))) <= 1


def applied(guide: Guide, filled: Mapping[str, str]) -> list[Rule]:
    """The rules that hold, in order."""
    return [
        rule
        for situation in guide.situations
        for rule in situation.rules
        if all(filled.get(name) == value for name, value in rule.when.items())
    ]


def materials(guide: Guide, rules: Iterable[Rule]) -> list[Material]:
    """What to bring in this situation."""
    wanted = {material.name: material for material in guide.materials}
    for rule in rules:
        for name in rule.remove_materials:
            wanted.pop(name, None)
        wanted |= {material.name: material for material in rule.add_materials}
    return list(wanted.values())


def _possible(rule: Rule, filled: Mapping[str, str]) -> bool:
    return all(filled.get(name, value) == value for name, value in rule.when.items())


def _whose(said: str, slot: Slot, meant: Sequence[str]) -> str | None:
    """The value of the person named, unless another kind of value is named as well."""
    roles = persons.roles(slot.values)
    whom = persons.who(said) if roles is not None else None
    if roles is None or whom is None or any(value not in roles for value in meant):
        return None
    # 我的 of 我孩子的 names nobody; but what is named otherwise stands.
    return None if whom == "self" and meant else roles.of(whom)


def _without(parts: Sequence[str], named: Sequence[_Named]) -> str:
    """What is said beside the values' words, parts apart: they speak for themselves."""
    said = "".join(parts)
    for each in named:
        if each.end - each.start > 1:
            said = f"{said[: each.start]}{'~' * (each.end - each.start)}{said[each.end :]}"
    ends = [0, *accumulate(map(len, parts))]
    return "，".join(said[start:end] for start, end in pairwise(ends))


def _words(slot: Slot) -> list[tuple[str, list[str]]]:
    return [
        (value, [core(word) for word in (label, *_stem(label), *slot.synonyms.get(value, []))])
        for value, label in slot.values.items()
    ]


def _stem(label: str) -> list[str]:
    """第一次办 is also answered by 第一次."""
    stem = re.sub(r"(?:办|的|的人|来办)$", "", label)
    return [stem] if stem != label and len(stem) > 1 else []


def _known(slot: Slot) -> list[str]:
    """The values that tell something: without 不清楚."""
    return [value for value, words in _words(slot) if not all(map(_UNSURE.match, words))]


def _named(said: str, pauses: set[int], slot: Slot) -> list[tuple[_Named, bool]]:
    """The values' words in `said`, longest first, and whether each is denied."""
    found = sorted(set(_finds(said, slot)), key=lambda each: (each.start - each.end, each))
    kept: list[_Named] = []
    for each in found:
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return [(each, _denied(said, each, pauses, kept, slot)) for each in kept]


def _finds(said: str, slot: Slot) -> Iterator[_Named]:
    """Every place of a value's word, by letters or, if it is longer than one, by sound."""
    sound = syllables(said)
    for value, words in _words(slot):
        for word in (each.replace(" ", "") for each in words):
            heard = syllables(word) if len(word) > 1 else []
            for start in range(len(said) - len(word) + 1):
                end = start + len(word)
                if said.startswith(word, start) or (heard and heard == sound[start:end]):
                    yield _Named(start, end, value, bare=False)
            stem = word.removesuffix("了")
            for match in re.finditer(rf"(?<=[没未不有]){re.escape(stem)}(?!了)", said):
                if stem != word and _DENIAL.search(said[: match.start()]):
                    yield _Named(match.start(), match.end(), value, bare=True)


def _denied(said: str, each: _Named, pauses: set[int], kept: Sequence[_Named], slot: Slot) -> bool:
    """Whether the words before (or 没有 behind) deny a value's word."""
    if _LACKED.match(said[each.end :]):
        return True
    # A pause, or a word that is itself a value (没有就一个人), ends what may deny.
    begin = max([0, *(at for at in (*pauses, *(other.end for other in kept)) if at <= each.start)])
    found = _DENIAL.search(said[begin : each.start])
    if found is None:
        return False
    word, no = said[each.start : each.end], found["no"]
    if no == "不" and found.group() == "不" and _NAMES.match(word):
        return False
    if each.bare:
        return True
    # 没有，找不到了; 没有，给孩子办: a no to what was asked, and then the value.
    lacks = no in ("没有", "没")
    plain_no = lacks or (no == "不是" and "是" in slot.ask)
    if plain_no and each.value == _answering(slot)[1]:
        return False
    return not (lacks and word.endswith("了"))


def _answering(slot: Slot) -> tuple[str | None, str | None]:
    """The values that yes and no mean, where the question allows them and it is clear which."""
    ask, words = core(slot.ask), dict(_words(slot))
    known = _known(slot)
    if len(known) != 2 or not _YES_NO.search(ask) or "还是" in ask:
        return None, None
    denying: tuple[Callable[[str], bool], ...] = (
        lambda value: _NO_IN_WORD.search(words[value][0]) is not None,
        lambda value: not any(_within(word, ask) for word in words[value]),
        lambda value: any(map(_NO_IN_WORD.search, words[value])),
    )
    for denies in denying:
        yes, no = sorted(known, key=denies)
        if denies(no) and not denies(yes):
            return yes, no
    return None, None


def _within(word: str, ask: str) -> bool:
    """Whether the question has the word's letters in their order: 原来的卡号 has 原卡号."""
    left = iter(ask)
    return all(letter in left for letter in word)


def _yes_or_no(said: str, slot: Slot) -> str | None:
    yes, no = _answering(slot)
    found = _SAYS_NO.match(said)
    if found is None:
        return yes if _SAYS_YES.match(said) else None
    what = found["what"]
    # 没还清, where 没还清 is what was asked, is no plain no.
    return (
        no
        if what in slot.ask and not (what and re.search(rf"[不没未]{re.escape(what)}", slot.ask))
        else None
    )


def _alike(said: str, slot: Slot, encode: Encode) -> str | None:
    words = _words(slot)
    mine = encode([said])[0]
    best = sorted(
        ((float(np.max(encode(each) @ mine)), value) for value, each in words), reverse=True
    )
    if best[0][0] < LIKE_AT or (len(best) > 1 and best[0][0] - best[1][0] < LEAD):
        return None
    return best[0][1]
