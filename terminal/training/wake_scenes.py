"""What a wake word's head learns from: clips as halls would hear them, and hours of other sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from models.base import EAR_RATE_HZ, Samples
from models.evaluation import noise
from models.speech_embedding import STEP_SAMPLES, SpeechEmbedding
from models.training.wake_scene import Scene
from models.wake import HEARD_STEPS
from terminal.bench.make_questions import AFTER_S, BEFORE_S
from terminal.training.ear_examples import in_room, stretched

STRETCH = (0.88, 1.14)
"""Speed and pitch together: other people, children and old men among them."""
IN_A_ROOM, IN_NOISE, IN_BABBLE = 0.5, 0.75, 0.5
"""Share of scenes with an echo; with noise; and of those, with other people's talk for noise."""
RATIOS_DB = (2.0, 22.0)
LOUD_DB = (-40.0, -3.0)
"""Peak of the whole scene: from across the hall to too near."""
AFTER_PAUSE_S = (0.0, 0.5)
"""Between what somebody said before and the clip, and behind it before what they say next."""
SAID_BEFORE, SAID_NEXT = 0.3, 0.4
NOTICED = (0, 5)
"""Steps behind the phrase's end at which it may be noticed: up to 0.4 s."""
LONGEST_S = 7.0
BEHIND_S = 0.8
PIECE_STEPS = 75
"""Long recordings are cut into pieces of so many steps, six seconds."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is heard besides a clip, float32 16 kHz."""

    rooms: Sequence[Samples]
    noises: Sequence[Samples]
    talk: Sequence[Samples]


@dataclass(frozen=True, slots=True)
class Staged:
    """A clip as a hall hears it."""

    sound: Samples
    end: int
    """Sample at which the clip's own words end."""


class Stage:
    """Puts clips into halls; the same for the same seed."""

    def __init__(self, around: Surroundings, seed: int) -> None:
        self._around = around
        self._random = Random(seed)  # noqa: S311 - no secret
        self._noise = np.random.default_rng(seed)

    def put(self, clip: Samples, ratio_db: float | None = None) -> Staged:
        """Somewhere; `ratio_db`: with babble or noise under it at just this ratio."""
        clip = stretched(_bare(clip), self._random.uniform(*STRETCH))
        before, after = self._before(), self._after()
        sound = np.concatenate([before, clip, after]).astype(np.float32)
        end = len(before) + len(clip)
        if self._around.rooms and self._random.random() < IN_A_ROOM:
            sound = in_room(sound, _from_its_peak(self._random.choice(self._around.rooms)))
        if ratio_db is not None or self._random.random() < IN_NOISE:
            ratio = self._random.uniform(*RATIOS_DB) if ratio_db is None else ratio_db
            sound = self._in_noise(sound, clip, ratio)
        return Staged(self._loud(sound), end)

    def plain(self, sound: Samples) -> Samples:
        """A long recording at some loudness and speed, now and then in a room."""
        sound = stretched(sound, self._random.uniform(*STRETCH))
        if self._around.rooms and self._random.random() < IN_A_ROOM:
            sound = in_room(sound, _from_its_peak(self._random.choice(self._around.rooms)))
        return self._loud(sound)

    def _before(self) -> Samples:
        silence = np.zeros(int(self._random.uniform(0.1, 1.0) * EAR_RATE_HZ), np.float32)
        if self._random.random() >= SAID_BEFORE:
            return silence
        said = _bare(self._random.choice(self._around.talk))[-2 * EAR_RATE_HZ :]
        return np.concatenate([silence, said, self._pause()])

    def _after(self) -> Samples:
        silence = np.zeros(int(BEHIND_S * EAR_RATE_HZ), np.float32)
        if self._random.random() >= SAID_NEXT:
            return silence
        said = _bare(self._random.choice(self._around.talk))
        return np.concatenate([self._pause(), said, silence])[: 2 * EAR_RATE_HZ]

    def _pause(self) -> Samples:
        return np.zeros(int(self._random.uniform(*AFTER_PAUSE_S) * EAR_RATE_HZ), np.float32)

    def _in_noise(self, sound: Samples, clip: Samples, ratio_db: float) -> Samples:
        """The ratio is that over the clip: what was said before may be louder."""
        if self._around.noises and self._random.random() >= IN_BABBLE:
            under = noise.stretch(self._around.noises, len(sound), self._noise)
        else:
            voices = self._random.choices(self._around.talk, k=self._random.randint(3, 9))
            under = noise.babble(voices, len(sound), self._noise)
        loud = noise.level(under)
        gain = noise.active_level(clip) / max(loud, 1e-9) / 10 ** (ratio_db / 20)
        return np.asarray(sound + gain * under, np.float32)

    def _loud(self, sound: Samples) -> Samples:
        peak = 10 ** (self._random.uniform(*LOUD_DB) / 20)
        floor = self._noise.standard_normal(len(sound)).astype(np.float32) * np.float32(1e-4)
        return sound * np.float32(peak / max(float(np.abs(sound).max()), 1e-6)) + floor


def scene(staged: Staged, embedding: SpeechEmbedding, *, phrase: bool) -> Scene:
    """What the head sees of a staged clip; the silence before a stream belongs to it."""
    sound = staged.sound[: int(LONGEST_S * EAR_RATE_HZ)]
    vectors = np.concatenate([embedding.silence(HEARD_STEPS), embedding.whole(sound)])
    if not phrase:
        return Scene(vectors, None)
    # The first step that has heard all of the phrase, less a little: its last sound fades.
    first, last = (
        min(HEARD_STEPS + staged.end // STEP_SAMPLES + steps, len(vectors) - 1) for steps in NOTICED
    )
    return Scene(vectors, (first, last))


def pieces(sound: Samples, embedding: SpeechEmbedding) -> list[Scene]:
    """A long recording without the phrase, cut up."""
    vectors = embedding.whole(sound)
    cut = [
        vectors[at : at + PIECE_STEPS + HEARD_STEPS]
        for at in range(0, len(vectors) - HEARD_STEPS, PIECE_STEPS)
    ]
    return [Scene(piece, None) for piece in cut if len(piece) > HEARD_STEPS]


def _bare(sound: Samples) -> Samples:
    """A clip without the silence that was put around it."""
    return sound[int(BEFORE_S * EAR_RATE_HZ) : len(sound) - int(AFTER_S * EAR_RATE_HZ)]


def _from_its_peak(room: Samples) -> Samples:
    """Without the way from the mouth to the microphone: the phrase ends when it ends."""
    return room[int(np.abs(room).argmax()) :]
