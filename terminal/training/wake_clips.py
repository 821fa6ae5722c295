"""Clips for a wake word: the phrase, its near misses and ordinary talk, spoken by many people.

The plan is endless and always the same for the same phrase; any beginning of it is a fair sample.
The clips lie in a folder, and making them goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Literal

import soundfile

from models.base import EAR_RATE_HZ, Samples, Voice
from models.engines import SPEAKERS
from models.evaluation import noise
from models.verbalize import verbalize
from terminal.bench.make_questions import recording
from terminal.training import sources
from terminal.training.near_misses import NearMisses, forms
from terminal.training.speak import SHORTEST_S, Tone

Kind = Literal["phrase", "near", "talk"]

SEED = 2028
KINDS: Sequence[Kind] = ("phrase",) * 9 + ("near",) * 8 + ("talk",) * 3
KEPT_SPEAKERS = (
    "af_kore",
    "am_onyx",
    "bf_lily",
    "bm_daniel",
    "ff_siwis",
    "hf_beta",
    "jf_nezumi",
    "jm_kumo",
    "pm_alex",
    "em_alex",
)
"""Kept back for the report, besides the two Mandarin ones that are kept from all training."""
LEFT_OUT_SPEAKERS = ("af_sky", "bm_lewis", "hm_psi", "if_sara", "jf_gongitsune")
"""Not learned from: what is chosen and fitted while a wake word is made is chosen on them."""
LEFT_OUT_EVERY = 8
"""One clip of so many of a training plan is spoken by one of those."""
SHARES = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
"""Of the second speaker in a blend."""
KEPT_SHARES = (0.5, 0.7, 0.85, 1.0)
SPEEDS = (0.7, 0.8, 0.9, 1.0, 1.0, 1.1, 1.2, 1.3)
ENDINGS = ("。", "。", "，", "！", "？")
"""They turn the tune of the last syllable."""
LONGEST = 24
"""Characters of ordinary talk."""
POLITE = 0.25
"""Share of calls with 您 for 你."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How much a plan has of what."""

    kinds: Sequence[Kind] = KINDS
    polite: float = POLITE
    beside: int = 0
    """Weight of near misses beside any form of the phrase, to the 25 of all others."""


MEASURED = Mix()
"""What the figures are measured on. It stays as it is: old and new ones are compared."""
LEARNED = Mix(("phrase",) * 8 + ("near",) * 10 + ("talk",) * 2, polite=0.4, beside=25)
"""What training wants: more of what is hard."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One utterance of the plan."""

    number: int
    kind: Kind
    text: str
    tone: Tone
    speed: float

    @property
    def file(self) -> str:
        """Its name in the folder of clips."""
        return f"{self.number:05}-{self.kind}.flac"


Take = tuple[Clip, Samples]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks: a Mandarin speaker, blended with any."""

    firsts: Sequence[str]
    seconds: Sequence[str]
    shares: Sequence[float]

    def tone(self, random: Random) -> Tone:
        """Somebody."""
        first = random.choice(self.firsts)
        second = random.choice([name for name in self.seconds if name != first])
        return Tone(first, second, random.choice(self.shares))


def plan(phrase: str, cast: Cast, limit: int, seed: int = SEED, mix: Mix = MEASURED) -> list[Clip]:
    """The first `limit` utterances."""
    near = NearMisses(phrase, mix.beside)
    talk = _talk(phrase, seed)
    clips = []
    for number in islice(count(), limit):
        random = Random(f"{seed} {phrase} {number}")  # noqa: S311 - no secret
        kind = random.choice(mix.kinds)
        match kind:
            case "phrase":
                text = _called(phrase, random, mix.polite)
            case "near":
                text = near.draw(random) + random.choice(ENDINGS)
            case "talk":
                text = talk[number % len(talk)]
        clips.append(Clip(number, kind, text, cast.tone(random), random.choice(SPEEDS)))
    return clips


def training_plan(phrase: str, others: Sequence[str], limit: int) -> list[Clip]:
    """What a wake word is made of; `others`: names of speakers of other languages."""
    learned = plan(phrase, training_cast(others), limit, SEED, LEARNED)
    left_out = plan(phrase, left_out_cast(), limit, SEED, LEARNED)
    return [
        other if is_left_out(clip) else clip for clip, other in zip(learned, left_out, strict=True)
    ]


def is_left_out(clip: Clip) -> bool:
    """Of a training plan: not learned from, but for fitting and choosing."""
    return clip.number % LEFT_OUT_EVERY == LEFT_OUT_EVERY - 1


def training_cast(others: Sequence[str]) -> Cast:
    """Everybody but those kept back or left out; `others`: names of the other languages'."""
    learned = set(others) - {*KEPT_SPEAKERS, *LEFT_OUT_SPEAKERS}
    return Cast(SPEAKERS, [*SPEAKERS, *sorted(learned)], SHARES)


def left_out_cast() -> Cast:
    """Voices that are half to all of a speaker who is left out."""
    return Cast(SPEAKERS, LEFT_OUT_SPEAKERS, KEPT_SHARES)


def kept_cast(mandarin: Sequence[str]) -> Cast:
    """The speakers kept back; `mandarin`: the names of the two that know the language."""
    return Cast(mandarin, [*mandarin, *KEPT_SPEAKERS], KEPT_SHARES)


def make(
    clips: Sequence[Clip],
    folder: Path,
    voice_of: Callable[[Tone], Voice],
    tell: Callable[[str], None] = print,
) -> None:
    """Speak those of `clips` that are not in `folder` yet; a silent one becomes an empty file."""
    folder.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        target = folder / clip.file
        if target.exists():
            continue
        voice = voice_of(clip.tone)
        audio = voice.say(verbalize(clip.text), clip.speed)
        if len(audio) < SHORTEST_S * voice.sample_rate_hz or noise.level(audio) == 0.0:
            target.touch()
            continue
        part = target.with_suffix(".part")
        pcm = recording(audio, voice.sample_rate_hz)
        soundfile.write(part, pcm, EAR_RATE_HZ, subtype="PCM_16", format="FLAC")
        part.rename(target)
        if clip.number % 50 == 0:
            tell(f"clip {clip.number} of {len(clips)}: {clip.text}")


def read(clips: Sequence[Clip], folder: Path) -> list[Take]:
    """Those that are there and not silent, with their sound."""
    found = []
    for clip in clips:
        file = folder / clip.file
        if file.exists() and file.stat().st_size:
            found.append((clip, soundfile.read(file, dtype="float32")[0]))
    return found


def _called(phrase: str, random: Random, polite: float) -> str:
    """The phrase, now and then politely, or with a breath in it, as the slow say it."""
    text = forms(phrase)[-1] if random.random() < polite else phrase
    if random.random() < 0.25:
        cut = len(phrase) // 2
        text = f"{phrase[:cut]}，{phrase[cut:]}"
    return text + random.choice(ENDINGS)


def _calls(text: str, phrase: str) -> bool:
    return any(form in text for form in forms(phrase))


def _talk(phrase: str, seed: int) -> list[str]:
    """What people say in halls: questions of all bases, and the sentences of acts."""
    known = [
        text
        for each in sources.sources()
        for matter in each.matters.values()
        for text in matter.phrases
    ]
    known += [text for text, _ in sources.acts("train")]
    texts = sorted(
        {text for text in known if 2 <= len(text) <= LONGEST and not _calls(text, phrase)}
    )
    Random(seed).shuffle(texts)  # noqa: S311 - no secret
    return texts
