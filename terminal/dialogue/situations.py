"""Situations of a guide (本人还是代办, 有没有孩子 …): one slot asked at a time, rules applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.schema import Guide, Material, Rule, Slot
from models.sounds import syllables
from terminal.dialogue.words import core

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

LIKE_AT, LEAD = 0.5, 0.08
"""Likeness of meaning to a value's words, and over the next value, from which it is taken."""
SHORT = 14
"""Characters of an answer; what is longer is a question of its own unless it names a value."""


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
    """The value of `slot` that an answer gives, or None. `encode` compares by meaning too."""
    said = core(text)
    sound = "".join(f"{s}'" for s in syllables(said))
    best: tuple[int, str] = (0, "")
    for value, words in _words(slot):
        for word in words:
            heard = "".join(f"{s}'" for s in syllables(word))
            if (word in said or (len(word) > 1 and heard in sound)) and len(word) > best[0]:
                best = (len(word), value)
    if best[0]:
        return best[1]
    if encode is None or not said or len(said) > SHORT:
        return None
    return _alike(said, slot, encode)


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


def _words(slot: Slot) -> list[tuple[str, list[str]]]:
    return [
        (value, [core(word) for word in (label, *slot.synonyms.get(value, []))])
        for value, label in slot.values.items()
    ]


def _alike(said: str, slot: Slot, encode: Encode) -> str | None:
    words = _words(slot)
    mine = encode([said])[0]
    best = sorted(
        ((float(np.max(encode(each) @ mine)), value) for value, each in words), reverse=True
    )
    if best[0][0] < LIKE_AT or (len(best) > 1 and best[0][0] - best[1][0] < LEAD):
        return None
    return best[0][1]
