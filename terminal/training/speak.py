"""`kiosk models train heard`: what the recogniser makes of pack phrases, by many voices in noise.

The ranker learns mishearings from this. Each phrase is spoken once, by two of the kiosk's voices
blended, and heard clean and under a noise by the ear that the kiosk has. For that ear the phrase
is unknown: what it is prompted with never tells it what is said, as in a hall, where nobody knows
the phrases of the pack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any, TextIO, TypeAlias

import numpy as np

from knowledge import pack as packs
from knowledge.pack import Pack
from models.base import Encoder, Recognizer, Samples, Voice
from models.engines import SPEAKERS
from models.evaluation import noise
from models.verbalize import verbalize
from terminal.bench.make_questions import recording
from terminal.dialogue.dialogue import prompt_terms
from terminal.dialogue.index import Index, Phrase, likeness_of
from terminal.dialogue.understanding import FITS_AT
from terminal.dialogue.words import core
from terminal.errors import KioskError
from terminal.lexicon import Lexicon
from terminal.recognizing import Ear, Lookup, Nearest, Reading

SEED = 2026
SHARES = (0.0, 0.3, 0.5)
"""Of the second voice: with more than a half it would be the first."""
SPEEDS = (0.85, 0.95, 1.0, 1.1, 1.2)
CLEAN = "clean"
BABBLE = ("babble 10", "babble 5")
"""Ratios in dB, here and below."""
NOISE = ("noise 10", "noise 5")
SHORTEST_S = 0.15
"""A voice that gives less has dropped the phrase."""
PROMPTED = 6
"""Known questions in the second pass, as in the kiosk."""
READINGS = 4

Row: TypeAlias = dict[str, Any]
Take: TypeAlias = tuple[str, str, str]
"""Item, text and condition: what tells a row from all others of its pack."""


@dataclass(frozen=True, slots=True)
class Tone:
    """Who speaks."""

    first: str
    second: str
    share: float
    """Of the second in the blend, 0..1."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One phrase of a pack, as it will be spoken and under what it will be heard."""

    number: int
    """Its place in the plan."""
    pack: str
    item: str
    text: str
    tone: Tone
    speed: float
    conditions: tuple[str, ...]

    @property
    def takes(self) -> list[Take]:
        """One of each condition."""
        return [(self.item, self.text, condition) for condition in self.conditions]


VoiceOf: TypeAlias = Callable[[Tone], Voice]


def phrases(every: Iterable[tuple[str, Pack]]) -> list[tuple[str, str, str]]:
    """Pack, item and text of each variant of the packs, which come with their names."""
    found = (
        (name, item.id, text)
        for name, pack in every
        for item in pack.items()
        for text in item.variants
    )
    return list(dict.fromkeys(found))


def plan(spoken: Sequence[tuple[str, str, str]], *, noisy: bool) -> list[Utterance]:
    """All phrases in a random order that is always the same, clean and in one noise each.

    `noisy`: there are recordings of noise; without them all is babble.
    """
    order = list(spoken)
    Random(SEED).shuffle(order)  # noqa: S311 - no secret
    worse = (*BABBLE, *NOISE) if noisy else BABBLE
    found = []
    for number, (pack, item, text) in enumerate(order):
        # One generator each: more phrases in a pack then leave the voices of a place alone.
        random = Random(f"{SEED} {number}")  # noqa: S311
        first, second = random.sample(SPEAKERS, 2)
        tone = Tone(first, second, random.choice(SHARES))
        conditions = (CLEAN, worse[number % len(worse)])
        speed = random.choice(SPEEDS)
        found.append(Utterance(number, pack, item, text, tone, speed, conditions))
    return found


def before(every: Sequence[Utterance], number: int) -> list[Utterance]:
    """Those who talk in the babble under an utterance: the ones before it, going round."""
    count = min(noise.TALKERS, len(every) - 1)
    return [every[(number - back) % len(every)] for back in range(count, 0, -1)]


def row(utterance: Utterance, condition: str, reading: Reading) -> Row:
    """One line of the training data; `terminal.training.sources` reads it."""
    heard = dict.fromkeys(filter(None, (reading.transcript.text, *reading.alternatives)))
    return {
        "item": utterance.item,
        "text": utterance.text,
        "condition": condition,
        "readings": list(heard)[:READINGS],
        "log_probability": round(reading.transcript.log_probability, 3),
    }


def unknown(index: Index, text: str) -> Lookup:
    """What `index` would find if none of its phrases said `text`; as `Understanding.nearest`."""
    said = core(text)
    kept = np.array([core(phrase.text) != said for phrase in index.phrases], np.bool_)

    def nearest(heard: str) -> Nearest:
        # One more: the phrase itself may have brought its item to the front, and no other.
        found = index.candidates([heard], PROMPTED + 1)
        if not found.readings:
            return Nearest((), fits=False)
        likeness = np.where(kept, found.readings[0].likeness, 0)
        near = []
        for start, end in zip(found.starts, found.ends, strict=True):
            left = likeness[start:end][kept[start:end]]
            if len(left):
                near.append((likeness_of(left), start + int(np.argmax(likeness[start:end]))))
        rows = [best for _, best in sorted(near, key=lambda each: -each[0])[:PROMPTED]]
        fits = bool(rows) and float(likeness[rows[0]]) >= FITS_AT
        return Nearest(tuple(index.phrases[each].text for each in rows), fits)

    return nearest


class Hall:
    """One pack's ears, for which each phrase that is spoken is new."""

    def __init__(self, pack: Pack, encoder: Encoder, recognizer: Recognizer) -> None:
        """`encoder`: of meaning, as the dialogue uses it."""
        self._recognizer = recognizer
        self._terms = prompt_terms(pack)
        self._lexicon = Lexicon(pack.lexicon)
        known = [
            Phrase(item.id, text, name=number <= len(item.aliases))
            for item in pack.items()
            for number, text in enumerate((item.title, *item.aliases, *item.variants))
        ]
        self._index = Index(known, encoder)

    def hear(self, audio: Samples, said: str) -> Reading:
        """Float32 16 kHz -> its words, as if nobody had put `said` into the pack."""
        nearest = unknown(self._index, said)
        ear = Ear(self._recognizer, self._terms, lambda text: nearest(self._lexicon.repaired(text)))
        return ear.hear(audio)


class Studio:
    """Speaks the utterances of a plan, and lays noise under them."""

    def __init__(
        self, every: Sequence[Utterance], voice: VoiceOf, noises: Sequence[Samples] = ()
    ) -> None:
        """`noises`: float32 16 kHz, for the conditions that want them."""
        self._every = every
        self._voice = voice
        self._noises = noises
        # An utterance talks in the babble of those after it.
        self._clip = lru_cache(maxsize=2 * noise.TALKERS)(self._spoken)

    def takes(self, utterance: Utterance) -> Iterator[tuple[str, Samples]]:
        """Its conditions, each with the sound, float32 16 kHz; none if the voice is silent."""
        clip = self._clip(utterance.number)
        if not len(clip):
            return
        for condition in utterance.conditions:
            yield condition, self._under(condition, clip, utterance.number)

    def _under(self, condition: str, clip: Samples, number: int) -> Samples:
        if condition == CLEAN:
            return clip
        kind, ratio_db = condition.split()
        random = np.random.default_rng([SEED, number])
        if kind == "noise":
            under = noise.stretch(self._noises, len(clip), random)
        else:
            talkers = [self._clip(each.number) for each in before(self._every, number)]
            under = noise.babble(talkers, len(clip), random)
        return noise.mixed(clip, under, float(ratio_db))

    def _spoken(self, number: int) -> Samples:
        utterance = self._every[number]
        voice = self._voice(utterance.tone)
        audio = voice.say(verbalize(utterance.text), utterance.speed)
        if len(audio) < SHORTEST_S * voice.sample_rate_hz or noise.level(audio) == 0.0:
            return np.zeros(0, np.float32)
        return recording(audio, voice.sample_rate_hz).astype(np.float32) / 32768.0


class Files:
    """The rows made so far, one JSON Lines file a pack; a new row is on the disk at once."""

    def __init__(self, folder: Path) -> None:
        """Makes `folder` if it is not there. KioskError where that cannot be written."""
        self._folder = folder
        self._open: dict[str, TextIO] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KioskError("input", f"{folder}: cannot be written ({error.strerror})") from error

    def done(self, pack: str) -> set[Take]:
        """Of the rows that are there. KioskError with the line that is none."""
        file = self._folder / f"{pack}.jsonl"
        if not file.is_file():
            return set()
        with file.open(encoding="utf-8") as lines:
            return {_take(line, f"{file}:{number}") for number, line in enumerate(lines, 1)}

    def write(self, pack: str, made: Row) -> None:
        """Append a row."""
        if pack not in self._open:
            self._open[pack] = (self._folder / f"{pack}.jsonl").open("a", encoding="utf-8")
        self._open[pack].write(json.dumps(made, ensure_ascii=False) + "\n")
        self._open[pack].flush()

    def close(self) -> None:
        """No more rows."""
        for file in self._open.values():
            file.close()


def missing(
    every: Sequence[Utterance], limit: int | None, done: Callable[[str], set[Take]]
) -> list[Utterance]:
    """What is to be heard yet of the plan's first `limit` rows (None: all).

    `done` gives the takes that there are of a pack.
    """
    takes = [(each, take) for each in every for take in each.takes][:limit]
    known = {pack: done(pack) for pack in {each.pack for each, _ in takes}}
    conditions: dict[int, tuple[str, ...]] = {}
    for each, take in takes:
        if take not in known[each.pack]:
            conditions[each.number] = (*conditions.get(each.number, ()), take[2])
    return [replace(every[number], conditions=left) for number, left in conditions.items()]


def make(
    todo: Iterable[Utterance],
    studio: Studio,
    hear: Callable[[Utterance, Samples], Reading],
    write: Callable[[str, Row], None],
) -> None:
    """Speak, hear and write; `write` takes the pack's name and a row of it."""
    for utterance in todo:
        for condition, audio in studio.takes(utterance):
            write(utterance.pack, row(utterance, condition, hear(utterance, audio)))


def speak(
    out: Path,
    voice: VoiceOf,
    recognizer: Recognizer,
    encoder: Encoder,
    noises: Sequence[Samples] = (),
    limit: int | None = None,
    tell: Callable[[str], None] = print,
) -> None:
    """Add to `out` what is missing of the first `limit` rows (None: all) of the sample packs.

    `encoder`: of meaning, as the dialogue uses it. `tell`: takes a line on how far it is.
    """
    known = {folder.name: packs.load(folder) for folder in packs.samples()}
    every = plan(phrases(known.items()), noisy=bool(noises))
    files = Files(out)
    todo = missing(every, limit, files.done)
    tell(f"{sum(len(each.conditions) for each in todo)} rows to make in {out}")
    if not todo:
        return
    halls = {name: Hall(pack, encoder, recognizer) for name, pack in known.items()}
    try:
        make(
            _told(todo, tell),
            Studio(every, voice, noises),
            lambda each, audio: halls[each.pack].hear(audio, each.text),
            files.write,
        )
    finally:
        files.close()


def _take(line: str, place: str) -> Take:
    try:
        made = json.loads(line)
        take = made["item"], made["text"], made["condition"]
    except (ValueError, KeyError, TypeError) as error:
        raise KioskError("input", f"{place}: no whole row; take the line out") from error
    if not line.endswith("\n"):
        raise KioskError("input", f"{place}: the line has no end; take it out")
    return take


def kokoro(
    folder: Path, threads: int = 2, others: Path | None = None, kept: Path | None = None
) -> VoiceOf:
    """The kiosk's own voices, blended; they share one model, from `folder`.

    others: folder of speakers of other languages, who may be the second of a blend.
    kept: folder of the speakers that are kept for evaluation, for what measures and never trains.
    """
    from models.kokoro import KokoroVoice

    places = [place for place in (folder, kept, others) if place is not None]

    def home(speaker: str) -> Path:
        """The folder in which `speaker` is."""
        return next((place for place in places if (place / f"{speaker}.bin").is_file()), folder)

    @cache
    def one(speaker: str) -> KokoroVoice:
        return KokoroVoice(folder, speaker, threads, speakers=home(speaker))

    def blended(tone: Tone) -> Voice:
        return one(tone.first).blended(tone.second, tone.share, home(tone.second))

    return blended


def _told(todo: Sequence[Utterance], tell: Callable[[str], None]) -> Iterator[Utterance]:
    for number, each in enumerate(todo, 1):
        tell(f"{number} of {len(todo)}: {each.pack} {each.item} {each.text}")
        yield each
