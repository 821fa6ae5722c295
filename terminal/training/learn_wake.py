"""`kiosk models train wake`: the detector of a phrase, the check behind it, and their report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from models.base import EAR_RATE_HZ, Samples
from models.evaluation import recordings
from models.speech_embedding import SpeechEmbedding
from models.training import wake, wake_check
from models.training.wake_check import Example
from models.training.wake_scene import Scene
from models.wake import HEARD_STEPS
from models.wake_check import HEARD_SAMPLES, states
from models.whisper import WhisperRecognizer
from terminal.training import wake_clips, wake_scenes
from terminal.training.speak import VoiceOf
from terminal.training.wake_clips import Take
from terminal.training.wake_scenes import Stage, Surroundings

ROUNDS, CHECK_ROUNDS = 4, 6
"""Times that each clip is heard, each time in another hall."""
BEHIND_S = (-0.03, 0.45)
"""From the phrase's end to where the check looks: the detector may be quick or slow."""
LEAST_S = 0.5
"""Of ordinary talk that the check is given."""
OTHER_SHARE = 0.6
"""Weight of all long recordings against all clips without the phrase."""
SEED = 31


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made, of what."""

    phrase: str
    clips: Path
    """Folder where the spoken clips are kept."""
    limit: int
    others: Sequence[str]
    """Names of the speakers of other languages."""
    speech: Sequence[Path]
    """Folders of long recordings without the phrase."""


Tell = Callable[[str], None]


def learn(
    out: Path,
    plan: Plan,
    voice_of: VoiceOf,
    embedding: SpeechEmbedding,
    whisper: WhisperRecognizer,
    rooms: Sequence[Samples],
    noises: Sequence[Samples],
    tell: Tell = print,
) -> None:
    """Write wake.onnx, wake_check.onnx and wake.md into the folder `out`."""
    clips = wake_clips.plan(plan.phrase, wake_clips.training_cast(plan.others), plan.limit)
    wake_clips.make(clips, plan.clips, voice_of, tell)
    takes = wake_clips.read(clips, plan.clips)
    talk = [sound for clip, sound in takes if clip.kind == "talk"]
    stage = Stage(Surroundings(rooms, noises, talk), SEED)
    curve: list[str] = []

    def follow(line: str) -> None:
        curve.append(line)
        tell(line)

    began = time.monotonic()
    tell(f"{len(takes)} clips: listening to each {ROUNDS} times")
    # Music and machines strike the head more often than talk does: the check must know them.
    long = [*(sound for folder in plan.speech for sound in _long(folder)), *noises]
    scenes = [*_scenes(takes, stage, embedding), *_others(long, takes, stage, embedding)]
    head = wake.fit(scenes, wake.Settings(), follow)
    wake.export(head, out / "wake.onnx", plan.phrase)
    tell(f"the check: listening to each {CHECK_ROUNDS} times")
    fitted = wake_check.fit(
        list(_examples(takes, long, stage, whisper)), wake_check.Settings(), follow
    )
    wake_check.export(fitted, out / "wake_check.onnx")
    minutes = (time.monotonic() - began) / 60
    hours = sum(len(sound) for sound in long) / EAR_RATE_HZ / 3600
    report = _report(plan, takes, (len(rooms), len(noises), hours), curve, minutes, out)
    (out / "wake.md").write_text(report, "utf-8")
    tell(report)


def _long(folder: Path) -> Iterator[Samples]:
    for file in recordings.sounds(folder):
        yield recordings.read(file)


def _scenes(takes: Sequence[Take], stage: Stage, embedding: SpeechEmbedding) -> Iterator[Scene]:
    for _ in range(ROUNDS):
        for clip, sound in takes:
            phrase = clip.kind == "phrase"
            yield wake_scenes.scene(stage.put(sound), embedding, phrase=phrase)


def _others(
    long: Sequence[Samples], takes: Sequence[Take], stage: Stage, embedding: SpeechEmbedding
) -> list[Scene]:
    """Long recordings, weighed so that their number does not count."""
    pieces = [
        piece
        for sound in long
        for piece in wake_scenes.pieces(stage.plain(sound), embedding)
        if len(piece.vectors) > HEARD_STEPS
    ]
    without = ROUNDS * sum(clip.kind != "phrase" for clip, _ in takes)
    weight = OTHER_SHARE * without / max(1, len(pieces))
    return [Scene(piece.vectors, None, weight) for piece in pieces]


def _examples(
    takes: Sequence[Take], long: Sequence[Samples], stage: Stage, whisper: WhisperRecognizer
) -> Iterator[Example]:
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
        spoken = [sound for sound in long if len(sound) > 2 * least]
        random.shuffle(spoken)
        for sound in islice(spoken, len(takes) // 10):
            heard = stage.plain(sound)
            yield example(heard, int(random.integers(least, len(heard) + 1)), "talk")


def _report(
    plan: Plan,
    takes: Sequence[Take],
    around: tuple[int, int, float],
    curve: Sequence[str],
    minutes: float,
    out: Path,
) -> str:
    count = {kind: sum(clip.kind == kind for clip, _ in takes) for kind in wake_clips.KINDS}
    size = {name: (out / name).stat().st_size for name in ("wake.onnx", "wake_check.onnx")}
    rooms, noises, hours = around
    lines = [
        f"# The wake word {plan.phrase}",
        "",
        "Made by `kiosk models train wake`: a head on the speech embedding that listens all the",
        "time, and a check over the recogniser's encoder that is asked when the head was struck.",
        "",
        f"- {len(takes)} clips: the phrase {count['phrase']} times, near misses {count['near']},",
        f"  talk {count['talk']}; by {len(plan.others)} speakers of other languages and the six of",
        "  Mandarin, blended; never by the two that are kept from all training, nor by the",
        f"  {len(wake_clips.KEPT_SPEAKERS)} others that are kept for the figures.",
        f"- Each heard {ROUNDS} times by the head, {CHECK_ROUNDS} by the check: {rooms} rooms,",
        f"  {noises} noises, babble, 2 to 22 dB, speeds of 0.88 to 1.14, near and far.",
        f"- {hours:.1f} h of recordings without the phrase.",
        f"- {minutes:.0f} minutes without the speaking of the clips, which takes about a second",
        "  each on one core.",
        *(f"- {name}: {bytes_ / 1000:.0f} kB." for name, bytes_ in size.items()),
        "",
        "The loss, as it fell:",
        "",
        *(f"- {line}" for line in curve[:: max(1, len(curve) // 20)]),
    ]
    return "\n".join(lines) + "\n"
