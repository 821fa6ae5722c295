"""The report beside the trained ranker: what it was trained on, and how it did unseen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.training.ranker import Examples
from terminal.dialogue.policy import decide
from terminal.training.sources import Source

if TYPE_CHECKING:
    from terminal.training.learn_ranker import Fold

Chances = NDArray[np.float32]
HEAD = (
    "| source | matters | phrases | heard | asked | first by likeness | first | among three | "
    "answered right | wrong | asked back | given up |"
)
BANDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)


def report(folds: Sequence[tuple[Fold, Sequence[Chances]]], out: Path) -> str:
    """Markdown; every figure is of sources that the models under test had not seen."""
    rows = [
        (source, part, chances)
        for fold, tested in folds
        for source, part, chances in zip(fold.sources, fold.examples, tested, strict=True)
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
    parts = [part for _, part, _ in rows]
    everything = np.concatenate([chances for _, _, chances in rows])
    meant = np.concatenate([part.meant for part in parts])
    lines += ["", *_calibration(everything, meant), "", *_sizes(out)]
    return "\n".join(lines) + "\n"


def _row(source: Source, part: Examples, chances: Chances) -> str:
    none = part.candidates.shape[1]
    inside = part.meant < none
    order = np.argsort(-chances[:, :none], axis=1)
    first = (order[:, 0] == part.meant)[inside].mean()
    three = (order[:, :3] == part.meant[:, None]).any(axis=1)[inside].mean()
    decisions = [_decision(each) for each in chances]
    right = wrong = asked = 0
    for decision, best, meant in zip(decisions, order[:, 0], part.meant, strict=True):
        right += decision == "answer" and best == meant
        wrong += decision == "answer" and best != meant
        asked += decision == "ask"
    phrases = sum(len(matter.phrases) for matter in source.matters.values())
    heard = sum(map(len, source.heard.values()))
    total = len(part)
    given_up = total - right - wrong - asked
    shares = " | ".join(f"{each / total:.1%}" for each in (right, wrong, asked, given_up))
    return (
        f"| {source.name} | {len(source.matters)} | {phrases} | {heard} | {total} "
        f"| {(part.meant == 0)[inside].mean():.1%} | {first:.1%} | {three:.1%} | {shares} |"
    )


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
