"""Examples for the ranker: random halves of knowledge bases, asked with the other half.

In each draw some matters are left out whole (their questions mean "none of them"), the others
keep a random few of their phrases, and are asked with the rest. So the ranker sees small packs
and large ones, rich items and poor ones, and never a question that it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from models.base import Encoder
from models.training.ranker import Examples
from terminal.dialogue.features import CANDIDATE, Matrix, features
from terminal.dialogue.index import Index, Phrase
from terminal.dialogue.understanding import CANDIDATES
from terminal.dialogue.words import core
from terminal.training.disfluency import spoken
from terminal.training.sources import Heard, Matter, Source

LEFT_OUT = 0.12
"""Share of matters that are asked but not known."""
KEPT = ((2, 3, 4, 4), (2, 3, 4, 6, 9, 14), (6, 9, 14, 20))
"""Phrases kept of a matter, besides its title: in poor packs, in mixed ones, in rich ones."""
ASKED = 3
"""Typed questions of a matter in a draw."""
HEARD = 8
"""Recordings of a matter in a draw; more of them would only take longer."""
MISSING = 0.5
"""Weight of a question whose matter was left out: halls leave out less than a draw does."""
SPOKEN = 2.0
"""Weight of what the recogniser heard: there is less of it, and it is what matters."""
STRANGE = 12
"""One question from outside any hall in so many."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is meant: None for nothing that is known."""

    readings: tuple[str, ...]
    meant: str | None
    log_probability: float = 0.0
    weight: float = 1.0


def draw(
    source: Source, strange: Sequence[str], random: Random
) -> tuple[list[Phrase], list[Question]]:
    """Phrases for an index, and questions for it."""
    matters = list(source.matters)
    if random.random() < 0.5:
        matters = random.sample(matters, random.randrange(len(matters) // 3, len(matters)))
    rich = random.choice(KEPT)
    known: list[Phrase] = []
    questions: list[Question] = []
    for name in matters:
        matter = source.matters[name]
        kept, rest = _halves(matter, rich, random)
        meant = None if random.random() < LEFT_OUT else name
        if meant is not None:
            names = matter.names[: 1 + random.randrange(len(matter.names))]
            known += [Phrase(name, text, name=True) for text in names]
            known += [Phrase(name, text) for text in kept]
        typed = random.sample(rest, min(len(rest), ASKED))
        weight = MISSING if meant is None else 1.0
        questions += [Question((spoken(text, random),), meant, weight=weight) for text in typed]
        heard = [row for text in rest for row in source.heard.get((name, text), ())]
        questions += [_heard(row, meant) for row in random.sample(heard, min(len(heard), HEARD))]
    count = min(len(strange), len(questions) // STRANGE)
    questions += [Question((text,), None) for text in random.sample(strange, count)]
    return known, questions


def whole(source: Source) -> list[Phrase]:
    """All phrases of a source, as its kiosk knows them."""
    return [
        phrase
        for name, matter in source.matters.items()
        for phrase in (
            *(Phrase(name, text, name=True) for text in matter.names),
            *(Phrase(name, text) for text in matter.phrases),
        )
    ]


def examples(known: Sequence[Phrase], questions: Sequence[Question], encoder: Encoder) -> Examples:
    """The ranker's view of `questions` asked of an index over `known`."""
    index = Index(known, encoder)
    encoder.encode([core(text) for question in questions for text in question.readings])
    rows: list[tuple[Matrix, Matrix, Matrix, int, float]] = []
    for question in questions:
        found = index.candidates(question.readings, CANDIDATES)
        if not found.readings:
            continue
        seen = features(index, found, question.log_probability)
        count = len(found.items)
        padded = np.zeros((CANDIDATES, len(CANDIDATE)), np.float32)
        padded[:count] = seen.candidates
        ids = [str(index.items[item]) for item in found.items]
        meant = ids.index(question.meant) if question.meant in ids else CANDIDATES
        present = (np.arange(CANDIDATES) < count).astype(np.float32)
        # Not even among the candidates: no ranker can find it.
        lost = question.meant is not None and meant == CANDIDATES
        weight = question.weight * (MISSING if lost else 1.0)
        rows.append((padded, present, seen.question, meant, weight))
    candidates, present_rows, question_rows, meant_rows, weights = zip(*rows, strict=True)
    return Examples(
        np.stack(candidates),
        np.stack(present_rows),
        np.stack(question_rows),
        np.array(meant_rows, np.intp),
        np.array(weights, np.float32),
    )


def _halves(matter: Matter, rich: Sequence[int], random: Random) -> tuple[list[str], list[str]]:
    phrases = random.sample(matter.phrases, len(matter.phrases))
    kept = min(random.choice(rich), max(1, len(phrases) - 2))
    return phrases[:kept], phrases[kept:]


def _heard(row: Heard, meant: str | None) -> Question:
    weight = SPOKEN * (MISSING if meant is None else 1.0)
    return Question(row.readings, meant, row.log_probability, weight)
