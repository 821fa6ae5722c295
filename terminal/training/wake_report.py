"""The report of `kiosk models train wake`, beside the models that it describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.base import EAR_RATE_HZ
from terminal.training import wake_clips, wake_rule
from terminal.training.near_misses import forms
from terminal.training.wake_rule import Heard
from terminal.training.wake_sounds import Plan, Sounds
from terminal.waking import RULE, Rule


@dataclass(frozen=True, slots=True)
class Made:
    """How the two models were made, and what they make of clips that were left out."""

    rounds: tuple[int, int]
    """Times that the head and the check heard each clip."""
    curve: Sequence[str]
    minutes: float
    heard: Sequence[Heard]


def whole(plan: Plan, sounds: Sounds, made: Made, out: Path) -> str:
    """Markdown."""
    count = {kind: sum(clip.kind == kind for clip, _ in sounds.takes) for kind in wake_clips.KINDS}
    size = {name: (out / name).stat().st_size for name in ("wake.onnx", "wake_check.onnx")}
    rooms, noises = sounds.halls
    hours = sum(len(sound) for sound in sounds.long) / EAR_RATE_HZ / 3600
    kept = {*wake_clips.KEPT_SPEAKERS, *wake_clips.LEFT_OUT_SPEAKERS}
    speakers = len(set(plan.others) - kept)
    steps = "" if plan.effort == 1.0 else f" Only {plan.effort:g} of the usual steps: a trial."
    lines = [
        f"# The wake word {plan.phrase}",
        "",
        "Made by `kiosk models train wake`: a head on the speech embedding that listens all the",
        "time, and a check over the recogniser's encoder that is asked when the head was struck."
        + steps,
        *(["Both go on from earlier ones, which knew other clips."] if plan.since else []),
        "",
        f"- {len(sounds.takes)} clips: the phrase {count['phrase']} times, near misses",
        f"  {count['near']}, talk {count['talk']}; by {speakers} of other languages and the six of",
        "  Mandarin, blended; never by the two that are kept from all training, nor by the",
        f"  {len(wake_clips.KEPT_SPEAKERS)} others that are kept for the figures.",
        "- Each heard {} times by the head, {} by the check: {} rooms,".format(*made.rounds, rooms),
        f"  {noises} noises, babble, 2 to 22 dB, speeds of 0.88 to 1.14, near and far.",
        f"- {hours:.1f} h of recordings without the phrase.",
        f"- {made.minutes:.0f} minutes without the speaking of the clips, which takes a second or",
        "  two each on one core.",
        *(f"- {name}: {bytes_ / 1000:.0f} kB." for name, bytes_ in size.items()),
        "",
        *_rule(plan.phrase, sounds, made.heard),
        "",
        "The loss, as it fell:",
        "",
        *(f"- {line}" for line in made.curve[:: max(1, len(made.curve) // 20)]),
    ]
    return "\n".join(lines) + "\n"


def _rule(phrase: str, sounds: Sounds, heard: Sequence[Heard]) -> list[str]:
    """What both models miss where they are weighed as in terminal/waking.py, and as fitted."""
    fitted = wake_rule.fitted(heard)
    if fitted is None:
        return ["Too few clips were left out to fit a rule that weighs both."]
    speakers = len(wake_clips.LEFT_OUT_SPEAKERS)
    return [
        f"On {len(sounds.left_out)} clips by blends of {speakers} speakers that were left out,",
        f"each heard at {len(wake_rule.SPEEDS)} speeds, weighed by the rule in use,",
        f"{_named(RULE)}:",
        "",
        *_figures(phrase, heard, RULE),
        "",
        f"And by a rule fitted to these, {_named(fitted)}:",
        "",
        *_figures(phrase, heard, fitted),
    ]


def _named(rule: Rule) -> str:
    return f"Rule({rule.bias:.2f}, {rule.by_detector:.2f}, {rule.by_check:.2f})"


def _figures(phrase: str, heard: Sequence[Heard], rule: Rule) -> list[str]:
    rows = []
    for noisy, where in ((False, "clean"), (True, f"in babble, {wake_rule.BABBLE_DB:g} dB")):
        counts = {form: wake_rule.missed(heard, form, rule, noisy=noisy) for form in forms(phrase)}
        rows += [f"- {form} missed, {where}: {_of(*count)}" for form, count in counts.items()]
        near = wake_rule.taken(heard, rule, noisy=noisy)
        rows.append(f"- near misses taken, {where}: {_of(*near)}")
    return rows


def _of(bad: int, whole: int) -> str:
    return f"{bad} of {whole} ({bad / max(1, whole):.1%})"
