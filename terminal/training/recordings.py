"""Recordings that the ear is adapted on: what people ask and say, spoken by blended voices.

The plan is always the same for the same data; the clips lie in a folder, and making them goes on
where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from random import Random

import soundfile

from models.base import EAR_RATE_HZ, Voice
from models.engines import SPEAKERS
from models.evaluation import noise
from models.verbalize import verbalize
from models.verbalize_english import verbalize as verbalize_english
from terminal.bench.make_questions import recording
from terminal.training import sources
from terminal.training.speak import SHORTEST_S, SPEEDS, Tone

SEED = 2027
SHARES = (0.0, 0.15, 0.3, 0.4, 0.5)
"""Of the second voice in a blend."""
ENGLISH_EVERY = 16
"""One English question in so many: the ear must go on telling the languages apart."""
LONGEST = 40
"""Characters of an utterance; longer ones teach nothing that two short ones do not."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One utterance of the plan."""

    number: int
    text: str
    language: str
    tone: Tone
    speed: float

    @property
    def file(self) -> str:
        """Its name in the folder of clips."""
        return f"{self.number:05}.flac"


def plan() -> list[Clip]:
    """All utterances, in an order of which any beginning is a fair sample of the whole."""
    random = Random(SEED)  # noqa: S311 - no secret
    known = sources.sources()
    packs = _shuffled(random, (each for each in known if each.heard))
    bases = _shuffled(random, (each for each in known if not each.heard))
    acts = [text for text, _ in sources.acts("train")]
    random.shuffle(acts)
    english = _shuffled(random, sources.in_english())
    # Of ten: three of the packs, five of the wider bases, two of talk and distress.
    mixed = _dealt(((packs, 3), (bases, 5), (acts, 2)))
    texts = list(dict.fromkeys(text for text in mixed if len(text) <= LONGEST))
    clips = []
    for number, text in enumerate(texts):
        own = Random(f"{SEED} {number}")  # noqa: S311
        foreign = number % ENGLISH_EVERY == ENGLISH_EVERY - 1
        if foreign:
            text = english[number // ENGLISH_EVERY % len(english)]  # noqa: PLW2901
        first, second = own.sample(SPEAKERS, 2)
        tone = Tone(first, second, own.choice(SHARES))
        language = "en" if foreign else "zh"
        clips.append(Clip(number, text, language, tone, own.choice(SPEEDS)))
    return clips


def make(
    clips: Sequence[Clip],
    folder: Path,
    mandarin: Callable[[Tone], Voice],
    english: Voice,
    tell: Callable[[str], None] = print,
) -> None:
    """Speak those of `clips` that are not in `folder` yet; a silent one becomes an empty file."""
    folder.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        target = folder / clip.file
        if target.exists():
            continue
        foreign = clip.language == "en"
        voice = english if foreign else mandarin(clip.tone)
        text = verbalize_english(clip.text) if foreign else verbalize(clip.text)
        audio = voice.say(text, clip.speed)
        if len(audio) < SHORTEST_S * voice.sample_rate_hz or noise.level(audio) == 0.0:
            target.touch()
            continue
        part = target.with_suffix(".part")
        pcm = recording(audio, voice.sample_rate_hz)
        soundfile.write(part, pcm, EAR_RATE_HZ, subtype="PCM_16", format="FLAC")
        part.rename(target)
        if clip.number % 50 == 0:
            tell(f"{clip.number} of {len(clips)}: {clip.text}")


def _shuffled(random: Random, known: Iterator[sources.Source] | list[sources.Source]) -> list[str]:
    texts = [text for each in known for matter in each.matters.values() for text in matter.phrases]
    random.shuffle(texts)
    return texts


def _dealt(hands: Sequence[tuple[Sequence[str], int]]) -> Iterator[str]:
    """So many of each, in turn, until all are dealt."""
    rounds = [
        [texts[at : at + count] for at in range(0, len(texts), count)] for texts, count in hands
    ]
    return chain.from_iterable(
        chain.from_iterable(each for each in hand if each) for hand in zip_longest(*rounds)
    )
