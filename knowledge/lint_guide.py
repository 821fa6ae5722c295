"""Checks of one guide (办事指南): times, fees, and the situations that change what is needed."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge import speech
from knowledge.pack import Entry, Pack
from knowledge.places import Place
from knowledge.problem import Problem
from knowledge.schema import Guide, Rule, Situation, Slot
from knowledge.speech import CanSay


def problems(entry: Entry, guide: Guide, pack: Pack, unsayable: CanSay) -> Iterator[Problem]:
    """Everything wrong inside `guide`."""
    yield from _record(entry, guide)
    windows = {window.id for window in pack.site.windows}
    for s, situation in enumerate(guide.situations):
        at: Place = ("situations", s)
        yield from _slots(entry, situation, at, unsayable)
        for r, rule in enumerate(situation.rules):
            yield from _rule(entry, guide, situation, rule, windows, (*at, "rules", r))


def _record(entry: Entry, guide: Guide) -> Iterator[Problem]:
    if guide.is_fee and not guide.fees:
        said = "is_fee (是否收费) is true but fees (收费标准) is empty; add the fee"
        yield entry.problem(said, "is_fee")
    charged = [fee.name for fee in guide.fees if fee.amount_yuan != 0]
    if charged and not guide.is_fee:
        said = f"is_fee (是否收费) is false but {charged[0]!r} is charged; set it to true"
        yield entry.problem(said, "is_fee")
    if guide.promise_day > guide.anticipate_day:
        said = "promise_day (承诺时限) is longer than the legal anticipate_day (法定时限)"
        yield entry.problem(said, "promise_day")
    names = [material.name for material in guide.materials]
    for index, name in enumerate(names):
        if name in names[:index]:
            said = f"materials (申请材料): {name!r} stands twice"
            yield entry.problem(said, "materials", index, warning=True)


def _slots(entry: Entry, situation: Situation, at: Place, unsayable: CanSay) -> Iterator[Problem]:
    names = [slot.name for slot in situation.slots]
    for i, slot in enumerate(situation.slots):
        here: Place = (*at, "slots", i)
        if slot.name in names[:i]:
            yield entry.problem(f"slot {slot.name!r} stands twice", *here, "name")
        if len(slot.values) < 2:
            said = f"slot {slot.name}: values (选项) leaves no choice; give two or more"
            yield entry.problem(said, *here, "values", warning=True)
        for fault in speech.faults(slot.ask, unsayable):
            yield entry.problem(f"slot {slot.name}: ask (反问): {fault}", *here, "ask")
        yield from _synonyms(entry, slot, here)


def _synonyms(entry: Entry, slot: Slot, at: Place) -> Iterator[Problem]:
    owner = {words: value for value, words in slot.values.items()}
    for value, words in slot.synonyms.items():
        here: Place = (*at, "synonyms", value)
        if value not in slot.values:
            said = f"slot {slot.name}: synonyms (其他说法) of {value!r}, which is no value"
            yield entry.problem(said, *here)
        for index, word in enumerate(words):
            if owner.setdefault(word, value) != value:
                said = f"slot {slot.name}: {word!r} means both {owner[word]} and {value}"
                yield entry.problem(said, *here, index)


def _rule(
    entry: Entry, guide: Guide, situation: Situation, rule: Rule, windows: set[str], at: Place
) -> Iterator[Problem]:
    slots = {slot.name: slot.values for slot in situation.slots}
    names = {material.name for material in guide.materials}
    for slot, value in rule.when.items():
        if value not in slots.get(slot, {}):
            said = f"when (适用情形): no slot gives {slot}: {value}"
            yield entry.problem(said, *at, "when", slot)
    for index, name in enumerate(rule.remove_materials):
        if name not in names:
            said = f"remove_materials (免交材料): no material is called {name!r}"
            yield entry.problem(said, *at, "remove_materials", index)
    if rule.window is not None and rule.window not in windows:
        said = f"window (办理窗口): {rule.window!r} is not in site.yaml"
        yield entry.problem(said, *at, "window")
    if not (rule.add_materials or rule.remove_materials or rule.window or rule.note):
        yield entry.problem("a rule that changes nothing", *at, warning=True)
