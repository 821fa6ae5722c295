"""Amounts as people say them (大概三万来块, 他才十岁, 过期俩月了), against values with a bound.

A slot's values may be bounds (满16岁了, 不超过五万, 过期一年以上): then a number answers it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Unit = Literal["yuan", "year of age", "month"]

_NUMERAL = r"(?:\d+(?:\.\d+)?|[零一二两俩三四五六七八九十百千半几]+)"
_ABOUT = r"[来多几]?个?"
NUMBER = rf"{_NUMERAL}{_ABOUT}[十百千万]*{_NUMERAL}?{_ABOUT}"
_UNITS: Mapping[Unit, str] = {
    "year of age": r"周?岁",
    "month": r"(?:年|月|天|日|星期|礼拜|周)(?!级)",
    "yuan": r"(?:块|元|万)",
}
_MONTHS = {"年": 12.0, "月": 1.0, "天": 1 / 30, "日": 1 / 30, "周": 0.25, "星": 0.25, "礼": 0.25}
_UNDER = r"(?:不到|没到|没有|不超过|没超过|不满|没满|未满|不足|少于|低于|将近|快要?|差点)"
_OVER = r"(?:超过|多于|不止|满)"
_SAID = re.compile(
    rf"(?P<under>{_UNDER})?(?P<over>{_OVER})?(?P<left>还有|还剩|还差|剩下?|差)?"
    rf"(?P<number>{NUMBER})(?P<unit>周?岁|年(?!级)|月|天|星期|礼拜|周|块|元)?"
    r"(?P<more>多|来|好几)?(?P<below>以下|以内|之内|不到)?(?P<above>以上|往上|开外)?"
)
_BARE_AGE = re.compile(
    rf"^\D{{0,8}}?(?:今年|才|都|刚|快|已经|有)?(?P<number>{_NUMERAL}{_ABOUT})[了啦呢吧的]*$"
)
"""我儿子十二: no unit, where an age was asked."""
_STAGES = (
    (re.compile(r"刚出生|刚生|婴儿|吃奶|满月|奶娃|没断奶"), 0.0),
    (re.compile(r"幼儿园|托儿所|学前班"), 5.0),
    (re.compile(r"小学|[一二三四五六]年级"), 9.0),
    (re.compile(r"初中|初[一二三]|中学生"), 13.0),
    (re.compile(r"大学|研究生|上班了?|退休|成家|参加工作|结婚了"), 22.0),
)
"""Years of age that a stage of life stands for."""
_DIGITS = dict(
    zip("零一二两俩三四五六七八九半几", (0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 0.5, 3), strict=True)
)
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_STEP = 1e-6
"""By so much 五万多 is over 五万."""


class Bound(NamedTuple):
    """Amounts from `low` to `high`, both included."""

    unit: Unit
    low: float
    high: float


def value_of(text: str, labels: Mapping[str, str]) -> str | None:
    """The value whose label's bound holds the amount in `text`; None where none or two do."""
    bounds = {value: bound for value, label in labels.items() if (bound := _bound(label))}
    if not bounds:
        return None
    unit = next(iter(bounds.values())).unit
    if unit == "month":
        before = [value for value, label in labels.items() if re.match("还没|未到|没到", label)]
        bounds |= {value: Bound(unit, -math.inf, -_STEP) for value in before}
    amount = amount_in(text, unit)
    if amount is None:
        return None
    fitting = [value for value, bound in bounds.items() if bound.low <= amount <= bound.high]
    return fitting[0] if len(fitting) == 1 else None


def amount_in(text: str, unit: Unit) -> float | None:
    """The last amount of `unit` in `text`; months that are left are below zero."""
    found = list(_amounts(text, unit))
    if found:
        return found[-1]
    if unit != "year of age":
        return None
    stage = next((age for pattern, age in _STAGES if pattern.search(text)), None)
    bare = _BARE_AGE.match(text)
    return stage if stage is not None or bare is None else number(bare["number"])


def number(text: str) -> float:
    """三十五 -> 35, 两万五 -> 25000, 三四十 -> 30, 1.5万 -> 15000: the lower of an estimate."""
    total = section = 0.0
    last: float | None = None
    power = 1
    for word in re.findall(r"\d+(?:\.\d+)?|.", text):
        if word in _POWERS:
            power = _POWERS[word]
            if power == _POWERS["万"]:
                total, section = (total + section + (last or 0) or 1) * power, 0.0
            else:
                section += (1 if last is None else last) * power
            last = None
        elif word == "零":
            power = 1
        elif last is None and (word in _DIGITS or word[0].isdigit()):
            last = float(_DIGITS.get(word, word) if word in _DIGITS else word)
    # 两万五, 三千五: the figure behind a power is of the next lower one.
    return total + section + (last or 0) * max(power / 10, 1)


def _amounts(text: str, unit: Unit) -> Iterator[float]:
    for found in _SAID.finditer(text):
        name, said = found["unit"] or "", found["number"]
        if not _is_of(unit, name, said):
            continue
        amount = number(said) * (_MONTHS[name[0]] if unit == "month" else 1)
        if found["under"] or found["below"]:
            amount -= _STEP
        elif found["over"] in ("超过", "不止") or found["above"] or re.search("[多几]", found[0]):
            amount += _STEP
        yield -amount if found["left"] and unit == "month" else amount


def _is_of(unit: Unit, name: str, said: str) -> bool:
    match unit:
        case "year of age":
            return name.endswith("岁")
        case "month":
            return name != "" and name[0] in _MONTHS
        case "yuan":
            return name in ("块", "元") or (not name and re.search("[万千]", said) is not None)


def _bound(label: str) -> Bound | None:
    """What a value's label says: 满16岁了, 不超过五万, 过期一年以上."""
    found = _SAID.search(label)
    if found is None:
        return None
    unit = next(
        (unit for unit in _UNITS if _is_of(unit, found["unit"] or "", found["number"])), None
    )
    if unit is None:
        return None
    amount = number(found["number"]) * (_MONTHS[found["unit"][0]] if unit == "month" else 1)
    under, least = found["under"] or found["below"], -_STEP if unit == "month" else 0.0
    if under:
        inside = "超过" in under or under in ("以下", "以内", "之内")
        return Bound(unit, least, amount if inside else amount - _STEP)
    if found["over"] in ("超过", "多于", "不止"):
        return Bound(unit, amount + _STEP, math.inf)
    if found["over"] or found["above"]:
        return Bound(unit, amount, math.inf)
    return None
