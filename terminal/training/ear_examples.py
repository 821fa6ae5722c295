"""What the ear's adapter learns from: clips of speech, each time as another hall would hear them.

Each clip of the plan (`terminal.training.recordings`) comes many times, always in another room,
another noise, at another speed and behind another prompt, so that no two examples are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from random import Random
from threading import Thread

import numpy as np
import soundfile
from tokenizers import Tokenizer

from models.base import EAR_RATE_HZ, Encoder, Samples
from models.evaluation import noise
from models.mel import LogMel
from models.training.utterance import Example
from models.whisper import prompt_ids
from terminal.dialogue.index import Index
from terminal.dialogue.words import core
from terminal.training import sources
from terminal.training.draws import whole
from terminal.training.recordings import Clip

SEED = 2026
TAIL_S = (1.0, 4.0)
"""Silence behind the utterance."""
STRETCH = (0.92, 1.08)
"""Speed and pitch together: other people."""
IN_A_ROOM, IN_NOISE, IN_BABBLE = 0.35, 0.7, 0.6
"""Share of clips with an echo; with noise; and of those, with other people's talk for noise."""
RATIOS_DB = (0.0, 20.0)
VOICES = (3, 10)
NOTHING = 0.03
"""Share of clips without speech."""
WITHOUT, GENERAL = 0.2, 0.3
"""Share of passes without a prompt, and with terms; the others have the nearest questions."""
MISTAKEN = 0.3
"""Share of those prompts that belong to another clip."""
NEAREST = 6
TERMS = 24
AHEAD = 64
"""Examples made while the model computes."""


@dataclass(frozen=True, slots=True)
class Hall:
    """Where the clips are heard."""

    clips: Sequence[tuple[Clip, Samples]]
    rooms: Sequence[Samples]
    noises: Sequence[Samples]
    nearest: Sequence[Sequence[str]]
    """Known questions near each clip's text, but never itself."""
    terms: Sequence[str]


class Examples:
    """An endless stream of examples, the same for the same seed."""

    def __init__(self, hall: Hall, tokens: Tokenizer, bands: int, seed: int = SEED) -> None:
        self._hall = hall
        self._tokens = tokens
        self._mel = LogMel(bands)
        self._random = Random(seed)  # noqa: S311 - no secret
        self._noise = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Example]:
        while True:
            order = list(range(len(self._hall.clips)))
            self._random.shuffle(order)
            for number in order:
                yield self._example(number)

    def _example(self, number: int) -> Example:
        clip, audio = self._hall.clips[number]
        spoken = self._random.random() >= NOTHING
        sound = self._heard(audio) if spoken else self._silence()
        tail = np.zeros(int(self._random.uniform(*TAIL_S) * EAR_RATE_HZ), np.float32)
        mel = self._mel(np.concatenate([sound, tail]))
        prompt = self._prompt(number) if clip.language == "zh" else []
        start = [self._id(each) for each in ("<|startoftranscript|>", f"<|{clip.language}|>")]
        start += [self._id(each) for each in ("<|transcribe|>", "<|notimestamps|>")]
        text = self._tokens.encode(written(clip.text), add_special_tokens=False).ids
        said = [*(text if spoken else []), self._id("<|endoftext|>")]
        before = [*([self._id("<|startofprev|>"), *prompt] if prompt else []), *start]
        learned = list(range(len(before), len(before) + len(said)))
        if not prompt and spoken:
            learned.append(1)  # The language.
        return Example(mel[:, : mel.shape[1] // 2 * 2], [*before, *said], learned)

    def _heard(self, audio: Samples) -> Samples:
        audio = stretched(audio, self._random.uniform(*STRETCH))
        if self._hall.rooms and self._random.random() < IN_A_ROOM:
            audio = in_room(audio, self._random.choice(self._hall.rooms))
        if self._random.random() < IN_NOISE:
            ratio = self._random.uniform(*RATIOS_DB)
            audio = noise.mixed(audio, self._under(len(audio)), ratio)
        return (audio * self._random.uniform(0.1, 1.0)).astype(np.float32)

    def _under(self, length: int) -> Samples:
        if self._hall.noises and self._random.random() >= IN_BABBLE:
            return noise.stretch(self._hall.noises, length, self._noise)
        voices = self._random.randint(*VOICES)
        others = [each for _, each in self._random.choices(self._hall.clips, k=voices)]
        return noise.babble(others, length, self._noise)

    def _silence(self) -> Samples:
        length = int(self._random.uniform(0.5, 4.0) * EAR_RATE_HZ)
        if self._hall.noises and self._random.random() < 0.7:
            under = noise.stretch(self._hall.noises, length, self._noise)
        else:
            under = self._noise.standard_normal(length).astype(np.float32)
        loud = max(float(np.abs(under).max()), 1e-6)
        return (under / loud * self._random.uniform(0.0, 0.5)).astype(np.float32)

    def _prompt(self, number: int) -> list[int]:
        share = self._random.random()
        if share < WITHOUT:
            return []
        if share < WITHOUT + GENERAL:
            return prompt_ids(self._tokens, self._random.sample(self._hall.terms, TERMS))
        if self._random.random() < MISTAKEN:
            number = self._random.randrange(len(self._hall.nearest))
        near = list(self._hall.nearest[number])
        if self._random.random() < MISTAKEN:
            self._random.shuffle(near)
        return prompt_ids(self._tokens, near)

    def _id(self, token: str) -> int:
        return int(self._tokens.token_to_id(token) or 0)


def ahead(examples: Iterator[Example]) -> Iterator[Example]:
    """The same ones, made by a thread of their own."""
    waiting: Queue[Example] = Queue(AHEAD)

    def make() -> None:
        for example in examples:
            waiting.put(example)

    Thread(target=make, daemon=True).start()
    while True:
        yield waiting.get()


def written(text: str) -> str:
    """As the ear is to write it: ASCII commas, whose tokens are whole; no mark at the end."""
    return text.replace("，", ",").rstrip("。？！?!,.")


def stretched(audio: Samples, by: float) -> Samples:
    """Played `by` times as fast."""
    places = np.arange(0, len(audio) - 1, by)
    return np.asarray(np.interp(places, np.arange(len(audio)), audio), np.float32)


def in_room(audio: Samples, room: Samples) -> Samples:
    """As a microphone hears it there, as loud as before."""
    size = len(audio) + len(room) - 1
    spectrum = np.fft.rfft(audio, size) * np.fft.rfft(room, size)
    heard = np.fft.irfft(spectrum, size)[: len(audio)].astype(np.float32)
    return heard * np.float32(noise.level(audio) / max(noise.level(heard), 1e-9))


def near(clips: Sequence[Clip], encoder: Encoder) -> list[list[str]]:
    """Of each clip: the known questions nearest to its text, each of another matter."""
    known = [phrase for source in sources.sources() for phrase in whole(source)]
    index = Index(known, encoder)
    found = []
    for clip in clips:
        phrases = index.nearest_phrases(clip.text, NEAREST + 2)
        others = [text for text, _ in phrases if core(text) != core(clip.text)]
        found.append(others[:NEAREST])
    return found


def read(clips: Sequence[Clip], folder: Path) -> list[tuple[Clip, Samples]]:
    """Those that are there and not silent, with their sound."""
    found = []
    for clip in clips:
        file = folder / clip.file
        if file.exists() and file.stat().st_size:
            found.append((clip, soundfile.read(file, dtype="float32")[0]))
    return found
