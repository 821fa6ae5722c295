"""As many questions as one likes, none twice: real phrases recombined, the same at every run.

An item takes two matters of the sample packs and the training bases; each of its phrases is the
beginning of a phrase of the one and the end of a phrase of the other. So phrases of one item
share their words, words are as frequent as people make them, and nothing means anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from fleet.errors import KioskError
from knowledge.schema import Faq
from terminal.dialogue.words import core

TO_AN_ITEM = 5
"""A question base's usual share: a title and four variants."""
SEED = 2026
TRIES = 8
"""Recombinations of two matters before others are drawn."""
LONGEST_IN_VAIN = 1_000
"""Pairs of matters in a row that bring nothing new."""


def items(matters: Sequence[Sequence[str]], count: int) -> list[Faq]:
    """`count` phrases, `TO_AN_ITEM` to an item (the last may have fewer).

    `matters`: the phrases of each matter; two matters at least. KioskError if they do not suffice.
    """
    random = Random(SEED)  # noqa: S311 - texts, no secrets
    known: set[str] = set()
    found: list[Faq] = []
    in_vain = 0
    while len(known) < count:
        mine = _phrases(matters, min(TO_AN_ITEM, count - len(known)), known, random)
        in_vain = 0 if mine else in_vain + 1
        if in_vain > LONGEST_IN_VAIN:
            said = f"only {len(known):,} recombinations found; fewer questions, or more phrases"
            raise KioskError("input", said)
        if mine:
            found.append(item(f"many.q{len(found)}", mine[0], mine[1:] or mine))
    return found


def item(number: str, title: str, variants: Sequence[str]) -> Faq:
    """A question that a pack might have, with an answer that says nothing."""
    return Faq.model_construct(
        id=number,
        title=title,
        aliases=[],
        variants=list(variants),
        spoken=title,
        screen=title,
        aspects={},
        en=None,
        outcome="answered",
        steps=[],
        window=None,
        source="bench",
        owner="bench",
        review_by=date.max,
    )


def _phrases(
    matters: Sequence[Sequence[str]], count: int, known: set[str], random: Random
) -> list[str]:
    one, other = random.sample(matters, 2)
    mine: list[str] = []
    for _ in range(TRIES):
        text = joined(random.choice(one), random.choice(other))
        if len(mine) < count and core(text) not in known:
            known.add(core(text))
            mine.append(text)
    return mine


def joined(one: str, other: str) -> str:
    """The first half of `one` and the second half of `other`."""
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]
