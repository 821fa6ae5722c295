"""The report beside the trained ranker: what it was trained on, and how it did unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.training.ranker import Examples
from terminal.dialogue.policy import decide
from terminal.training.sources import Source

if TYPE_CHECKING:
    from terminal.training.learn_ranker import Fold, Tested

Chances = NDArray[np.float32]
Truths = NDArray[np.bool_]
HEAD = (
    "| source | matters | phrases | heard | asked | first by likeness | first | among three | "
    "answered right | wrong | asked back | given up |"
)
OWN_HEAD = (
    "| pack | asked | first | among three | answered right | wrong | asked back | given up "
    "| not its business | answered all the same | asked back |"
)
BANDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)


def report(folds: Sequence[tuple[Fold, Tested]], out: Path) -> str:
    """Markdown; every figure is of sources that the models under test had not seen."""
    rows = [
        (source, part, chances)
        for fold, tested in folds
        for source, part, chances in zip(fold.sources, fold.drawn, tested.drawn, strict=True)
    ]
    lines = [
        "# The ranker and its sense of meaning",
        "",
        "Made by `kiosk models train ranker`. Each source was tested by models trained on the",
        "other folds only: its matters, phrases and recordings were new to them. What is asked is",
        "harder than in a hall: few phrases are known of each matter, one matter in eight is left",
        "out (giving up is right there), and the bases are full of near neighbours.",
        "",
        HEAD,
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(source, part, chances) for source, part, chances in rows]
    lines += [
        "",
        "All of a pack, asked with its own test questions, which were written without sight of",
        "it; of the ranker alone, whatever else the dialogue knows. These models never saw the",
        "pack. Those that ship know its phrases, and learned their sureness from these questions.",
        "",
        OWN_HEAD,
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        _own_row(name, part, tested.own[name])
        for fold, tested in folds
        for name, part in fold.own.items()
    ]
    parts = [part for _, part, _ in rows]
    everything = np.concatenate([chances for _, _, chances in rows])
    meant = np.concatenate([part.meant for part in parts])
    lines += ["", *_calibration(everything, meant), "", *_sizes(out)]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each question, [n] of truths."""

    inside: Truths
    """It has an answer among the candidates."""
    right: Truths
    wrong: Truths
    """Answered with something else, or where there was nothing to answer."""
    asked: Truths
    first: Truths
    three: Truths

    def share(self, which: Truths, of: Truths) -> str:
        """Per cent."""
        return f"{which[of].mean() if of.any() else 0.0:.1%}"


def outcomes(part: Examples, chances: Chances) -> Outcomes:
    """Of questions, by the chances that a ranker gave."""
    none = part.candidates.shape[1]
    order = np.argsort(-chances[:, :none], axis=1)
    decided = np.array([_decision(each) for each in chances])
    hit = order[:, :3] == part.meant[:, None]
    answered = decided == "answer"
    return Outcomes(
        part.meant < none,
        answered & hit[:, 0],
        answered & ~hit[:, 0],
        decided == "ask",
        hit[:, 0],
        hit.any(axis=1),
    )


def _row(source: Source, part: Examples, chances: Chances) -> str:
    found = outcomes(part, chances)
    inside = found.inside
    phrases = sum(len(matter.phrases) for matter in source.matters.values())
    heard = sum(map(len, source.heard.values()))
    return (
        f"| {source.name} | {len(source.matters)} | {phrases} | {heard} | {len(part)} "
        f"| {found.share(part.meant == 0, inside)} | {found.share(found.first, inside)} "
        f"| {found.share(found.three, inside)} | {_decisions(found, inside | True)} |"
    )


def _own_row(name: str, part: Examples, chances: Chances) -> str:
    found = outcomes(part, chances)
    inside, outside = found.inside, ~found.inside
    return (
        f"| {name} | {inside.sum()} | {found.share(found.first, inside)} "
        f"| {found.share(found.three, inside)} | {_decisions(found, inside)} | {outside.sum()} "
        f"| {found.share(found.wrong, outside)} | {found.share(found.asked, outside)} |"
    )


def _decisions(found: Outcomes, of: Truths) -> str:
    given_up = ~(found.right | found.wrong | found.asked)
    kinds = (found.right, found.wrong, found.asked, given_up)
    return " | ".join(found.share(each, of) for each in kinds)


def _decision(chances: Chances) -> str:
    ordered = sorted(map(float, chances[:-1]), reverse=True)
    return decide(ordered, float(chances[-1]))


def _calibration(chances: Chances, meant: NDArray[np.intp]) -> list[str]:
    best = chances.argmax(axis=1)
    sure = chances.max(axis=1)
    lines = ["| confidence | questions | said | right |", "|---|---|---|---|"]
    for low, high in pairwise(BANDS):
        rows = (sure >= low) & (sure < high)
        if rows.any():
            right = (best == meant)[rows].mean()
            band = f"{low:.2f}-{min(high, 1):.2f}"
            lines.append(f"| {band} | {rows.sum()} | {sure[rows].mean():.1%} | {right:.1%} |")
    return lines


def _sizes(out: Path) -> list[str]:
    return [
        f"`{name}`: {(out / name).stat().st_size / 1000:.0f} kB"
        for name in ("sense.onnx", "ranker.onnx")
    ]
