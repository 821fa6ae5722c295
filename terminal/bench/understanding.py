"""`kiosk bench understanding`: typed questions to the whole dialogue, and to what one would build.

The questions are those of the packs' `tests.jsonl`, and the further phrases of a question base.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol, TypeAlias, cast

from knowledge import pack as packs
from knowledge.pack import Pack
from knowledge.schema import Case
from models.base import Encoder
from terminal.bench import rivals
from terminal.bench.figures import Figures, Json, machine, print_table
from terminal.bench.outcomes import Asked, Said, Tally, calibration, calibration_error
from terminal.dialogue.dialogue import Dialogue
from terminal.dialogue.mind import Mind
from terminal.events import WordsHeard
from terminal.lexicon import Lexicon
from terminal.pack_trial import cases_of

OURS = "kiosk"
KEYWORDS = "keywords"
CHARACTERS = "TF-IDF"
ENCODER = "encoder"
INSIDE: dict[str, str] = {
    "right": "right outcome",
    "first": "right at first",
    "three": "among three",
    "answered": "answered",
    "wrong": "wrong, and sure",
    "asked_back": "asked back",
    "asked_back_rightly": "- right one offered",
    "given_up": "given up",
}
OUTSIDE: dict[str, str] = {
    "declined": "declined",
    "outside_asked_back": "asked back",
    "strayed": "strayed: answered",
}
"""Figures of a tally, and what they are called in the tables."""

Watched: TypeAlias = Callable[[Sequence[Case]], Iterable[Case]]
"""Gives the questions one by one, and shows how far it is."""

Taken: TypeAlias = Callable[[Sequence[Case]], Sequence[Case]]
"""Chooses the questions to ask."""


class Candidate(Protocol):
    """Something that answers questions."""

    def reply(self, words: WordsHeard) -> Said:
        """What it says; this is what is timed."""
        ...

    def ranked(self, words: WordsHeard) -> Sequence[str]:
        """The items that it holds likeliest, best first."""
        ...


class Kiosk:
    """The whole dialogue, each question in a visit of its own."""

    def __init__(self, pack: Pack, encoder: Encoder) -> None:
        self.dialogue = Dialogue(pack, encoder)
        self._mind = Mind(pack, encoder)
        self._lexicon = Lexicon(pack.lexicon)

    def reply(self, words: WordsHeard) -> Said:
        """What the citizen would be told."""
        self.dialogue.wipe()
        reply = self.dialogue.reply(words)
        options = tuple(option.id for option in reply.options)
        return Said(reply.outcome, reply.answer_id, options, reply.confidence)

    def ranked(self, words: WordsHeard) -> tuple[str, ...]:
        """As the ranker has it, before anything is decided."""
        readings = [self._lexicon.repaired(each) for each in (words.text, *words.alternatives)]
        return self._mind.rank(readings, log_probability=words.log_probability).items


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked of whom."""

    name: str
    cases: Sequence[Case]
    candidates: Mapping[str, Candidate]


@dataclass(slots=True)
class Result:
    """Of one subject."""

    name: str
    tallies: dict[str, Tally] = field(default_factory=dict)
    """By candidate."""


def of_pack(name: str, take: Taken, encoder: Encoder) -> Subject:
    """A pack and its own tests.jsonl; questions that lean on earlier ones are left out."""
    folder = packs.find(name)
    alone = [case for case in cases_of(folder) if not case.context]
    return subject(name, packs.load(folder), take(alone), encoder)


def subject(name: str, pack: Pack, cases: Sequence[Case], encoder: Encoder) -> Subject:
    """The kiosk and its rivals, all knowing the same phrases."""
    known = rivals.phrases_of(pack.items())
    return Subject(
        name,
        cases,
        {
            KEYWORDS: rivals.Keywords(known),
            CHARACTERS: rivals.CharacterTfIdf(known),
            ENCODER: rivals.EncoderAlone(known, encoder),
            OURS: Kiosk(pack, encoder),
        },
    )


def measure(asked: Subject, watched: Watched) -> Result:
    """Every question to every candidate."""
    result = Result(asked.name, {name: Tally() for name in asked.candidates})
    for name in ours_first(asked.candidates):
        candidate = asked.candidates[name]
        for case in watched(asked.cases):
            result.tallies[name].asked.append(put(case, WordsHeard(0, case.text), candidate))
    return result


def ours_first(candidates: Iterable[str]) -> list[str]:
    """The order in which they are asked, so that no rival warms up a cache for the kiosk."""
    return sorted(candidates, key=lambda name: name != OURS)


def put(case: Case, words: WordsHeard, candidate: Candidate) -> Asked:
    """One question to one candidate."""
    began = time.perf_counter()
    said = candidate.reply(words)
    ms = (time.perf_counter() - began) * 1000
    return Asked(case, said, tuple(candidate.ranked(words)), ms)


def document(results: Sequence[Result]) -> Json:
    """All figures, and each question that ours did not answer rightly."""
    return {
        "machine": machine(),
        "thresholds": {CHARACTERS: rivals.CHARACTERS_FROM, ENCODER: rivals.MEANING_FROM},
        "text": {result.name: as_json(result.tallies) for result in results},
    }


def as_json(tallies: Mapping[str, Tally]) -> Json:
    """Of one subject (or one condition): by candidate, and how well ours knows its own mind."""
    ours = tallies[OURS].asked
    bands = calibration(ours)
    return {
        **{name: tally.figures() for name, tally in tallies.items()},
        "calibration": {
            "bands": [asdict(band) for band in bands],
            "expected_error": round(calibration_error(bands), 4),
        },
        "failures": [
            {
                "id": each.case.id,
                "text": each.case.text,
                "wanted": each.case.answer_id or each.case.outcome,
                "got": each.said.answer_id or " ".join([each.said.outcome, *each.said.options]),
                "confidence": round(each.said.confidence, 3),
            }
            for each in ours
            if not each.right
        ],
    }


def show(results: Sequence[Result]) -> None:
    """The same for people."""
    print(
        f"known to all: titles, aliases, variants; thresholds (one in ten sentences of small talk"
        f" is answered): TF-IDF {rivals.CHARACTERS_FROM}, encoder {rivals.MEANING_FROM}"
    )
    for result in results:
        show_tallies(result.name, result.tallies)
        show_calibration(result.name, result.tallies[OURS])


def show_tallies(title: str, tallies: Mapping[str, Tally]) -> None:
    """What the pack answers, and what it must not."""
    figures = {name: tally.figures() for name, tally in tallies.items()}
    some = next(iter(figures.values()))
    names = list(figures)
    rows = [_row(label, key, figures) for key, label in INSIDE.items()]
    rows.append(["ms, p50 / p95", *(_ms(figures[name]) for name in names)])
    print_table(f"{title}: {some['questions']} questions", ["", *names], rows)
    if some["outside"]:
        rows = [_row(label, key, figures) for key, label in OUTSIDE.items()]
        print_table(f"{title}: {some['outside']} that it does not answer", ["", *names], rows)


def show_calibration(title: str, ours: Tally) -> None:
    """What the kiosk said of its own certainty, and what was true."""
    bands = calibration(ours.asked)
    rows = [
        [
            f"{band.low:.2f}-{band.high:.2f}",
            str(band.count),
            f"{band.said:.1%}",
            f"{band.right:.1%}",
        ]
        for band in bands
    ]
    print_table(
        f"{title}: the {OURS}'s confidence, off by {calibration_error(bands):.1%}",
        ["confidence", "questions", "said", "right"],
        rows,
    )


def _row(label: str, key: str, figures: Mapping[str, Json]) -> list[str]:
    return [label, *(f"{cast(float, each[key]):.1%}" for each in figures.values())]


def _ms(figures: Json) -> str:
    ms = cast(Figures, figures["ms"])
    return f"{ms['p50']:.1f} / {ms['p95']:.1f}"
