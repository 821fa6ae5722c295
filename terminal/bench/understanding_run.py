"""The parts of `kiosk bench understanding` that were asked for, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from fleet.errors import KioskError
from knowledge import pack as packs
from knowledge.schema import Case
from models import engines
from models.evaluation.reference import ReferenceRecognizer
from models.fetch import locate
from terminal import assembly
from terminal.bench import question_base, understanding_scale, understanding_spoken
from terminal.bench import understanding as typed
from terminal.bench.figures import Json
from terminal.bench.latency import REFERENCE_MODEL
from terminal.bench.understanding import Result, Subject
from terminal.bench.understanding_scale import Scale
from terminal.bench.understanding_spoken import Condition, Spoken
from terminal.config import Settings

Watched: TypeAlias = Callable[[Sequence[Any]], Iterable[Any]]
"""Gives things one by one, and shows how far it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    pack: str | None
    """Both samples, if None."""
    base: Path | None
    spoken: int
    """Questions."""
    reference: bool
    scale: bool
    limit: int | None
    """Questions of each pack and base; all, if None."""
    voices: tuple[str, ...] = engines.SPEAKERS
    """Who speaks the spoken ones, in turn."""


@dataclass(slots=True)
class Found:
    """What was measured; a part that was not asked for is empty."""

    text: list[Result] = field(default_factory=list)
    clips: Sequence[Spoken] = ()
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    sizes: Sequence[Scale] = ()


def measure(wanted: Wanted, settings: Settings, watched: Watched) -> Found:
    """Text always, sound and scale if wanted."""
    # What is wrong with a file is told before seconds of loading.
    rows = question_base.read(wanted.base) if wanted.base else []
    _check(wanted.voices)
    names = [wanted.pack] if wanted.pack else [each.name for each in packs.samples()]
    for name in names:
        packs.find(name)
    encoder = assembly.open_encoder(settings)
    subjects = [typed.of_pack(name, evenly(wanted.limit), encoder) for name in names]
    spoken_of = list(subjects)
    if wanted.base:
        hall = assembly.open_pack(names[0])
        pack, cases = question_base.as_pack(rows, hall)
        some = evenly(wanted.limit)(cases)
        subjects.append(typed.subject(wanted.base.name, pack, some, encoder))
    found = Found([typed.measure(subject, watched) for subject in subjects])
    if wanted.spoken:
        _hear(found, spoken_of, wanted, settings, watched)
    if wanted.scale:
        found.sizes = understanding_scale.measure()
    return found


def _check(voices: Sequence[str]) -> None:
    known = (*engines.SPEAKERS, *engines.KEPT_SPEAKERS)
    for name in voices:
        if name not in known:
            raise KioskError("input", f"no voice {name}; choose of: {', '.join(known)}")


def document(found: Found) -> Json:
    """Every part that was measured."""
    whole = typed.document(found.text)
    if found.clips:
        whole["spoken"] = understanding_spoken.document(found.conditions, found.clips)
    if found.sizes:
        whole["scale"] = understanding_scale.document(found.sizes)
    return whole


def show(found: Found) -> None:
    """The same for people."""
    typed.show(found.text)
    understanding_spoken.show(found.conditions)
    if found.sizes:
        understanding_scale.show(found.sizes)


def evenly(limit: int | None) -> Callable[[Sequence[Case]], Sequence[Case]]:
    """Takes `limit` cases out of all, evenly: files are sorted by matter."""

    def take(cases: Sequence[Case]) -> Sequence[Case]:
        if limit is None or limit >= len(cases):
            return cases
        return [cases[number * len(cases) // limit] for number in range(limit)]

    return take


def _hear(
    found: Found, subjects: Sequence[Subject], wanted: Wanted, settings: Settings, watched: Watched
) -> None:
    threads = settings.models.threads
    chosen = understanding_spoken.chosen(subjects, wanted.spoken, wanted.voices)
    found.clips = understanding_spoken.speak(chosen, watched, threads)
    recognizer = engines.recognizer(settings.models.recognizer, threads=threads)
    reference = ReferenceRecognizer(locate(REFERENCE_MODEL), threads) if wanted.reference else None
    found.conditions = understanding_spoken.measure(found.clips, recognizer, reference, watched)
