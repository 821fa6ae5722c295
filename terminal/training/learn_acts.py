"""`kiosk models train acts`: fit, export, and judge on sentences that nobody trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from models.acts import ACTS, Act, ActClassifier, grams
from models.base import Samples
from models.sense import States
from models.training.acts import Examples, Settings, choose, export, fit
from terminal.dialogue.words import core
from terminal.errors import KioskError
from terminal.training.act_report import Judged, document
from terminal.training.act_rows import Row, rows
from terminal.training.sources import DATA

CANDIDATES = tuple(Settings(hold, share) for hold in (1e-5, 3e-5) for share in (1.0, 1.5))
"""Stronger pulls, lighter n-grams and hidden layers lost earlier rounds."""

Labelled = Sequence[tuple[str, Act]]


def learn(
    states: States,
    train: Labelled,
    test: Labelled,
    lent: Sequence[Row],
    out: Path,
    tell: Callable[[str], None],
    candidates: Sequence[Settings] = CANDIDATES,
) -> None:
    """Write acts.onnx and acts.md into the folder `out`; `tell` hears what is going on."""
    every = rows(train, lent)
    tell(f"{len(every)} rows: reading their states")
    examples = _examples(every, states)
    tell(f"choosing among {len(candidates)} settings")
    choice = choose(examples, candidates)
    target = out / "acts.onnx"
    model = fit(examples, choice.settings).cooled(choice.temperature)
    try:
        export(model, target)
        classifier = ActClassifier(states, target)
        judged = [Judged(act, classifier.probabilities(core(text))) for text, act in test]
        report = document(every, choice, judged, target.stat().st_size)
        (out / "acts.md").write_text(report, encoding="utf-8")
    except OSError as error:
        raise KioskError(
            "input", f"{out}: cannot be written ({error.strerror}); name another with --out"
        ) from error
    right = sum(each.right for each in judged)
    tell(f"{target}: {right} of {len(judged)} test sentences right; see acts.md")


def labelled(found: Iterable[tuple[str, str]]) -> list[tuple[str, Act]]:
    """The rows of a file of acts. KioskError where one names an act that there is not."""
    known: dict[str, Act] = {act: act for act in get_args(Act)}
    checked: list[tuple[str, Act]] = []
    for text, act in found:
        if act not in known:
            raise KioskError(
                "input",
                f"{DATA / 'acts'}: {text!r} has the act {act!r}; use one of: {', '.join(ACTS)}",
            )
        checked.append((text, known[act]))
    return checked


def _examples(every: Sequence[Row], states: States) -> Examples:
    from scipy.sparse import csr_array

    numbers: dict[str, int] = {}
    groups = [numbers.setdefault(row.group, len(numbers)) for row in every]
    return Examples(
        _states(every, states),
        csr_array(np.stack([grams(row.text) for row in every])),
        _places(every),
        np.array([row.weight for row in every], np.float64),
        np.array(groups, np.intp),
        np.array([row.by_hand for row in every], np.bool_),
    )


def _states(every: Sequence[Row], states: States) -> Samples:
    texts = sorted({row.text for row in every})
    at = {text: place for place, text in enumerate(texts)}
    return states.states(texts)[[at[row.text] for row in every]]


def _places(every: Sequence[Row]) -> NDArray[np.intp]:
    return np.array([ACTS.index(row.act) for row in every], np.intp)
