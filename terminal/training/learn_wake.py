"""`kiosk models train wake`: the detector of a phrase, the check behind it, and their report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from models.base import EAR_RATE_HZ, Samples
from models.speech_embedding import SpeechEmbedding
from models.training import wake, wake_check
from models.training.wake_check import Example
from models.training.wake_scene import Scene
from models.wake import HEARD_STEPS
from models.wake_check import HEARD_SAMPLES, states
from models.whisper import WhisperRecognizer
from terminal.training import wake_report, wake_scenes
from terminal.training.wake_clips import Take
from terminal.training.wake_scenes import Stage
from terminal.training.wake_sounds import SEED, Plan, Sounds, Tell

ROUNDS, CHECK_ROUNDS = 4, 6
"""Times that each clip is heard, each time in another hall."""
BEHIND_S = (-0.03, 0.45)
"""From the phrase's end to where the check looks: the detector may be quick or slow."""
LEAST_S = 0.5
"""Of ordinary talk that the check is given."""
LEAST_OTHERS = 60
"""Long recordings in a round of the check, if there are so many; else a tenth of the clips."""
OTHER_SHARE = 0.6
"""Weight of all long recordings against all clips without the phrase."""
REFINE_STEPS, REFINE_RATE = 300, 5e-4
"""Of a check that goes on: it has most of what it needs."""
LEAST_STEPS = 20
"""The curve has so many points."""


def learn(
    out: Path,
    plan: Plan,
    sounds: Sounds,
    embedding: SpeechEmbedding,
    whisper: WhisperRecognizer,
    tell: Tell = print,
) -> None:
    """Write wake.onnx, wake_check.onnx and wake.md into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    curve: list[str] = []

    def follow(line: str) -> None:
        curve.append(line)
        tell(line)

    began = time.monotonic()
    takes, stage = sounds.takes, sounds.stage
    tell(f"{len(takes)} clips: listening to each {ROUNDS} times")
    scenes = [*_scenes(takes, stage, embedding), *_others(sounds, embedding)]
    settings = wake.Settings()
    head = wake.fit(scenes, replace(settings, steps=_steps(settings.steps, plan)), follow)
    wake.export(head, out / "wake.onnx", plan.phrase)
    tell(f"the check: listening to each {CHECK_ROUNDS} times")
    examples = list(_examples(sounds, whisper))
    other = wake_check.Settings()
    fitted = wake_check.fit(examples, replace(other, steps=_steps(other.steps, plan)), follow)
    wake_check.export(fitted, out / "wake_check.onnx")
    minutes = (time.monotonic() - began) / 60
    rounds = ROUNDS, CHECK_ROUNDS
    report = wake_report.whole(plan, sounds, rounds, curve, minutes, out)
    (out / "wake.md").write_text(report, "utf-8")
    tell(report)


def refine(
    out: Path,
    plan: Plan,
    sounds: Sounds,
    before: Path,
    whisper: WhisperRecognizer,
    tell: Tell = print,
) -> None:
    """Write wake_check.onnx into `out`: the one at `before`, that has heard more."""
    out.mkdir(parents=True, exist_ok=True)
    tell(f"{len(sounds.takes)} clips: listening to each {CHECK_ROUNDS} times")
    examples = list(_examples(sounds, whisper))
    usual = wake_check.Settings()
    settings = replace(usual, rate=REFINE_RATE, steps=_steps(REFINE_STEPS, plan))
    earlier = wake_check.opened(before, settings)
    fitted = wake_check.fit(examples, settings, tell, earlier)
    wake_check.export(fitted, out / "wake_check.onnx")


def _steps(usual: int, plan: Plan) -> int:
    return max(LEAST_STEPS, round(usual * plan.effort))


def _scenes(takes: Sequence[Take], stage: Stage, embedding: SpeechEmbedding) -> Iterator[Scene]:
    for _ in range(ROUNDS):
        for clip, sound in takes:
            phrase = clip.kind == "phrase"
            yield wake_scenes.scene(stage.put(sound), embedding, phrase=phrase)


def _others(sounds: Sounds, embedding: SpeechEmbedding) -> list[Scene]:
    """Long recordings, weighed so that their number does not count."""
    pieces = [
        piece
        for sound in sounds.long
        for piece in wake_scenes.pieces(sounds.stage.plain(sound), embedding)
        if len(piece.vectors) > HEARD_STEPS
    ]
    without = ROUNDS * sum(clip.kind != "phrase" for clip, _ in sounds.takes)
    weight = OTHER_SHARE * without / max(1, len(pieces))
    return [Scene(piece.vectors, None, weight) for piece in pieces]


def _examples(sounds: Sounds, whisper: WhisperRecognizer) -> Iterator[Example]:
    takes, stage = sounds.takes, sounds.stage
    random = np.random.default_rng(SEED)

    def example(sound: Samples, end: int, kind: str) -> Example:
        heard = states(whisper, sound[max(0, end - HEARD_SAMPLES) : end])
        return Example(heard.astype(np.float16), kind == "phrase", kind == "near")

    least = int(LEAST_S * EAR_RATE_HZ)
    for _ in range(CHECK_ROUNDS):
        for clip, sound in takes:
            staged = stage.put(sound)
            end = staged.end + int(random.uniform(*BEHIND_S) * EAR_RATE_HZ)
            if clip.kind == "talk":
                end = int(random.integers(least, len(staged.sound) + 1))
            yield example(staged.sound, end, clip.kind)
        spoken = [sound for sound in sounds.long if len(sound) > 2 * least]
        random.shuffle(spoken)
        for sound in islice(spoken, max(LEAST_OTHERS, len(takes) // 10)):
            heard = stage.plain(sound)
            yield example(heard, int(random.integers(least, len(heard) + 1)), "talk")
