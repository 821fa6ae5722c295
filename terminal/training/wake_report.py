"""The report of `kiosk models train wake`, beside the models that it describes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.base import EAR_RATE_HZ
from terminal.training import wake_clips
from terminal.training.wake_sounds import Plan, Sounds


def whole(
    plan: Plan,
    sounds: Sounds,
    rounds: tuple[int, int],
    curve: Sequence[str],
    minutes: float,
    out: Path,
) -> str:
    """Markdown. `rounds`: times that the head and the check heard each clip."""
    count = {kind: sum(clip.kind == kind for clip, _ in sounds.takes) for kind in wake_clips.KINDS}
    size = {name: (out / name).stat().st_size for name in ("wake.onnx", "wake_check.onnx")}
    rooms, noises = sounds.halls
    hours = sum(len(sound) for sound in sounds.long) / EAR_RATE_HZ / 3600
    speakers = len(set(plan.others) - set(wake_clips.KEPT_SPEAKERS))
    steps = "" if plan.effort == 1.0 else f" Only {plan.effort:g} of the usual steps: a trial."
    lines = [
        f"# The wake word {plan.phrase}",
        "",
        "Made by `kiosk models train wake`: a head on the speech embedding that listens all the",
        "time, and a check over the recogniser's encoder that is asked when the head was struck."
        + steps,
        "",
        f"- {len(sounds.takes)} clips: the phrase {count['phrase']} times, near misses",
        f"  {count['near']}, talk {count['talk']}; by {speakers} of other languages and the six of",
        "  Mandarin, blended; never by the two that are kept from all training, nor by the",
        f"  {len(wake_clips.KEPT_SPEAKERS)} others that are kept for the figures.",
        f"- Each heard {rounds[0]} times by the head, {rounds[1]} by the check: {rooms} rooms,",
        f"  {noises} noises, babble, 2 to 22 dB, speeds of 0.88 to 1.14, near and far.",
        f"- {hours:.1f} h of recordings without the phrase.",
        f"- {minutes:.0f} minutes without the speaking of the clips, which takes a second or two",
        "  each on one core.",
        *(f"- {name}: {bytes_ / 1000:.0f} kB." for name, bytes_ in size.items()),
        "",
        "The loss, as it fell:",
        "",
        *(f"- {line}" for line in curve[:: max(1, len(curve) // 20)]),
    ]
    return "\n".join(lines) + "\n"
