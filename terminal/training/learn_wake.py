"""`kiosk models train wake`: the detector of a phrase, the check behind it, and their report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from models.base import EAR_RATE_HZ, Samples
from models.speech_embedding import SpeechEmbedding
from models.training import wake, wake_check
from models.training.wake_check import Example
from models.training.wake_scene import Scene
from models.wake import WakeWord
from models.wake_check import HEARD_SAMPLES, WakeCheck, states
from models.whisper import WhisperRecognizer
from terminal.training import wake_report, wake_rule, wake_scenes
from terminal.training.abreast import abreast
from terminal.training.wake_clips import Take
from terminal.training.wake_scenes import Stage, Staged
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
HEAD_GOES_ON = wake.Settings(steps=2000, rate=1e-3)
CHECK_GOES_ON = wake_check.Settings(steps=3000, rate=2e-3, noise=0.2, dropout=0.15)
"""Of models that learn more: they have most of what they need."""
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
    wake.export(_head(scenes, plan, follow), out / "wake.onnx", plan.phrase)
    tell(f"the check: listening to each {CHECK_ROUNDS} times")
    examples = list(_examples(sounds, whisper))
    before = plan.since / "wake_check.onnx" if plan.since else None
    wake_check.export(_check(examples, plan, before, follow), out / "wake_check.onnx")
    tell(f"the rule: {len(sounds.left_out)} clips that were left out")
    heard = wake_rule.hear(
        plan.phrase,
        sounds.left_out,
        sounds.talk,
        lambda: WakeWord(embedding, out / "wake.onnx"),
        WakeCheck(whisper, out / "wake_check.onnx"),
    )
    minutes = (time.monotonic() - began) / 60
    made = wake_report.Made((ROUNDS, CHECK_ROUNDS), curve, minutes, heard)
    report = wake_report.whole(plan, sounds, made, out)
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
    wake_check.export(_check(examples, plan, before, tell), out / "wake_check.onnx")


def _head(scenes: Sequence[Scene], plan: Plan, tell: Tell) -> wake.Head:
    usual = HEAD_GOES_ON if plan.since else wake.Settings()
    settings = replace(usual, steps=_steps(usual.steps, plan))
    before = wake.opened(plan.since / "wake.onnx", settings) if plan.since else None
    return wake.fit(scenes, settings, tell, before)


def _check(
    examples: Sequence[Example], plan: Plan, since: Path | None, tell: Tell
) -> wake_check.Fitted:
    usual = CHECK_GOES_ON if since else wake_check.Settings()
    settings = replace(usual, steps=_steps(usual.steps, plan))
    before = wake_check.opened(since, settings) if since else None
    return wake_check.fit(examples, settings, tell, before)


def _steps(usual: int, plan: Plan) -> int:
    return max(LEAST_STEPS, round(usual * plan.effort))


def _scenes(takes: Sequence[Take], stage: Stage, embedding: SpeechEmbedding) -> Iterator[Scene]:
    def heard(each: tuple[bool, Staged]) -> Scene:
        phrase, staged = each
        return wake_scenes.scene(staged, embedding, phrase=phrase)

    staged = (
        (clip.kind == "phrase", stage.put(sound)) for _ in range(ROUNDS) for clip, sound in takes
    )
    return abreast(heard, staged)


def _others(sounds: Sounds, embedding: SpeechEmbedding) -> list[Scene]:
    """Long recordings, weighed so that their number does not count."""
    plain = (sounds.stage.plain(sound) for sound in sounds.long)
    pieces = [
        piece
        for several in abreast(partial(wake_scenes.pieces, embedding=embedding), plain)
        for piece in several
    ]
    without = ROUNDS * sum(clip.kind != "phrase" for clip, _ in sounds.takes)
    weight = OTHER_SHARE * without / max(1, len(pieces))
    return [Scene(piece.vectors, None, weight) for piece in pieces]


def _examples(sounds: Sounds, whisper: WhisperRecognizer) -> Iterator[Example]:
    def example(each: tuple[Samples, str]) -> Example:
        sound, kind = each
        heard = states(whisper, sound)
        return Example(heard.astype(np.float16), kind == "phrase", kind == "near")

    return abreast(example, _looks(sounds))


def _looks(sounds: Sounds) -> Iterator[tuple[Samples, str]]:
    """What the check would be asked about, and its kind."""
    takes, stage = sounds.takes, sounds.stage
    random = np.random.default_rng(SEED)

    def look(sound: Samples, end: int) -> Samples:
        return sound[max(0, end - HEARD_SAMPLES) : end]

    least = int(LEAST_S * EAR_RATE_HZ)
    for _ in range(CHECK_ROUNDS):
        for clip, sound in takes:
            staged = stage.put(sound)
            end = staged.end + int(random.uniform(*BEHIND_S) * EAR_RATE_HZ)
            if clip.kind == "talk":
                end = int(random.integers(least, len(staged.sound) + 1))
            yield look(staged.sound, end), clip.kind
        spoken = [sound for sound in sounds.long if len(sound) > 2 * least]
        random.shuffle(spoken)
        for sound in islice(spoken, max(LEAST_OTHERS, len(takes) // 10)):
            heard = stage.plain(sound)
            yield look(heard, int(random.integers(least, len(heard) + 1))), "talk"
