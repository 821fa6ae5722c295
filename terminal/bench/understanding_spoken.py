"""The spoken part of `kiosk bench understanding`: the same questions through voice and ear.

Each question is spoken once, by one of the voices that the kiosk may use itself or of those asked
for, and heard clean and in the babble of the other questions. What was heard goes to everybody
alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

import numpy as np

from knowledge.schema import Case
from models import engines
from models.base import Recognizer, Samples
from models.evaluation.character_errors import CharacterErrors, character_errors
from models.evaluation.conditions import Conditions
from models.evaluation.reference import ReferenceRecognizer
from models.verbalize import verbalize
from terminal.bench.figures import Json, spread
from terminal.bench.make_questions import recording
from terminal.bench.outcomes import Tally
from terminal.bench.understanding import (
    ENCODER,
    OURS,
    Kiosk,
    Subject,
    as_json,
    ours_first,
    put,
    show_tallies,
)
from terminal.events import WordsHeard
from terminal.recognizing import Ear

SEED = 2026
PLAIN = "faster-whisper"
"""What one would pick: its words as they come, and the nearest embedding."""

Watched: TypeAlias = Callable[[Sequence[int]], Iterable[int]]
"""Gives the numbers of the questions one by one, and shows how far it is."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question as sound."""

    subject: Subject
    case: Case
    speaker: str
    audio: Samples
    """Float32 16 kHz."""


@dataclass(slots=True)
class Condition:
    """What came of all questions under one condition."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    errors: CharacterErrors = field(default_factory=CharacterErrors)
    """Of what the kiosk heard."""
    reference_errors: CharacterErrors = field(default_factory=CharacterErrors)


def chosen(
    subjects: Sequence[Subject], count: int, speakers: Sequence[str] = engines.SPEAKERS
) -> list[tuple[Subject, Case, str]]:
    """`count` questions of all subjects and who speaks them, the same at every run."""
    every = [(subject, case) for subject in subjects for case in subject.cases]
    random = Random(SEED)  # noqa: S311 - a sample, no secrets
    some = random.sample(every, min(count, len(every)))
    return [
        (subject, case, speakers[number % len(speakers)])
        for number, (subject, case) in enumerate(some)
    ]


def speak(
    wanted: Sequence[tuple[Subject, Case, str]], watched: Watched, threads: int
) -> list[Spoken]:
    """Every question as a recording; one voice is loaded at a time."""
    audio: dict[int, Samples] = {}
    order = sorted(range(len(wanted)), key=lambda number: wanted[number][2])
    loaded = ""
    for number in watched(order):
        _, case, speaker = wanted[number]
        if speaker != loaded:
            voice, loaded = engines.citizen(speaker, threads), speaker
        pcm = recording(voice.say(verbalize(case.text)), voice.sample_rate_hz)
        audio[number] = pcm.astype(np.float32) / np.float32(32768)
    return [Spoken(*each, audio[number]) for number, each in enumerate(wanted)]


def measure(
    clips: Sequence[Spoken],
    recognizer: Recognizer,
    reference: ReferenceRecognizer | None,
    watched: Watched,
) -> dict[str, Condition]:
    """Every clip under every condition, heard as in its hall; then what everybody makes of it."""
    conditions = Conditions([clip.audio for clip in clips])
    found = {name: Condition() for name in conditions.names}
    ears = {clip.subject.name: _ear(clip.subject, recognizer) for clip in clips}
    for number in watched(range(len(clips))):
        clip = clips[number]
        for name, condition in found.items():
            sound = conditions.sound(name, number)
            hear(clip, sound, ears[clip.subject.name], condition)
            if reference is not None:
                hear_plainly(clip, sound, reference, condition)
    return found


def hear(clip: Spoken, sound: Samples, ear: Ear, into: Condition) -> None:
    """What the kiosk hears, put to every candidate; rivals take the best reading alone."""
    reading = ear.hear(sound)
    heard = reading.transcript
    into.errors += character_errors(clip.case.text, heard.text)
    words = WordsHeard(
        0, heard.text, reading.alternatives, heard.log_probability, language=heard.language
    )
    candidates = clip.subject.candidates
    for name in candidates:
        into.tallies.setdefault(name, Tally())
    for name in ours_first(candidates):
        into.tallies[name].asked.append(put(clip.case, words, candidates[name]))


def hear_plainly(
    clip: Spoken, sound: Samples, reference: ReferenceRecognizer, into: Condition
) -> None:
    """What faster-whisper hears, put to the encoder alone."""
    text = reference.hear(sound).text
    into.reference_errors += character_errors(clip.case.text, text)
    asked = put(clip.case, WordsHeard(0, text), clip.subject.candidates[ENCODER])
    into.tallies.setdefault(PLAIN, Tally()).asked.append(asked)


def document(found: Mapping[str, Condition], clips: Sequence[Spoken]) -> Json:
    """By condition; and how long the clips were."""
    return {
        "clips": len(clips),
        "seconds": spread([len(clip.audio) / 16_000 for clip in clips]),
        "voices": sorted({clip.speaker for clip in clips}),
        "conditions": {
            name: {**as_json(each.tallies), "character_errors": _errors(each)}
            for name, each in found.items()
        },
    }


def show(found: Mapping[str, Condition]) -> None:
    """A table for each condition."""
    for name, each in found.items():
        show_tallies(f"spoken, {name}", each.tallies)
        rates = ", ".join(f"{who} {rate:.1%}" for who, rate in _errors(each).items())
        print(f"wrong characters, {name}: {rates}")


def _errors(condition: Condition) -> dict[str, float]:
    """Character error rates."""
    rates = {OURS: round(condition.errors.rate, 4)}
    if condition.reference_errors.length:
        rates[PLAIN] = round(condition.reference_errors.rate, 4)
    return rates


def _ear(subject: Subject, recognizer: Recognizer) -> Ear:
    """As the kiosk hears in that hall."""
    kiosks = [each for each in subject.candidates.values() if isinstance(each, Kiosk)]
    dialogue = kiosks[0].dialogue
    return Ear(recognizer, dialogue.terms, dialogue.nearest)
