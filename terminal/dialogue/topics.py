"""Bare topics: 公积金, 居住证的事, 社保卡怎么弄 name a matter of which the pack answers several."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from terminal.dialogue.index import Phrase
from terminal.dialogue.policy import MAX_OPTIONS
from terminal.dialogue.words import core

LONGEST = 6
"""Characters of a bare topic: 公积金, 营业执照."""

_BEFORE = re.compile(
    r"^(?:我?(?:那个|这个|这)?(?:要|想)?(?:来|去)?(?:办理?|弄|搞|问|换|查|咨询)?一?下?(?:个(?!体))?)"
)
_BEHIND = re.compile(
    r"(?:(?:那个|这个)?(?:的?(?:事情?|事儿|业务|问题|这块|方面|手续))?"
    r"(?:我?想?(?:问一?下|问问|咨询一?下|了解一?下)|(?:该|应该|要)?(?:怎么|咋)(?:弄|搞|办|整)|的)?)$"
)

_WHOLE = "{}手续"
"""A name that is no less bare: who asks for 退休 wants the item called 退休手续."""


class Topics:
    """The items of a pack by what their titles and aliases name."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        self._items_by_pair: dict[str, set[str]] = defaultdict(set)
        for phrase in phrases:
            if phrase.name:
                name = core(phrase.text)
                self._names[phrase.item].append(name)
                for pair in _pairs(name):
                    self._items_by_pair[pair].add(phrase.item)

    def broad(self, text: str, asked: Callable[[str], Iterable[Phrase]]) -> tuple[str, ...]:
        """The items that a bare topic may mean, when it is several; first what is asked most.

        `text` is a core; `asked` gives the known phrases that have some words in them.
        """
        topic = _BEHIND.sub("", _BEFORE.sub("", text), count=1)
        if not 2 <= len(topic) <= LONGEST:
            return ()
        near = set.intersection(*(self._items_by_pair.get(pair, set()) for pair in _pairs(topic)))
        named = {item for item in near if any(topic in name for name in self._names[item])}
        alone = {topic, _WHOLE.format(topic)}
        if len(named) < 2 or any(alone.intersection(self._names[item]) for item in named):
            return ()
        often = Counter(phrase.item for phrase in asked(topic))
        return tuple(sorted(named, key=lambda item: (-often[item], item))[:MAX_OPTIONS])


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]
