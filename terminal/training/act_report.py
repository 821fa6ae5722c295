"""What the classifier of acts can do, as Markdown: the same for the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.acts import ACTS, GRAMS, Act
from models.training.acts import FOLDS, Choice
from terminal.training.act_rows import Row

BANDS = (0.0, 0.4, 0.6, 0.8, 0.9, 0.97)
"""Where bands of confidence begin."""
SAFETY: tuple[Act, ...] = ("emergency", "fraud")
FALSE_ALARMS = 0.01
"""Of matters, at most so many may be taken for a danger."""

BOUNDS = (0.2, 0.5)
CAUTION = (
    "The misses of a first model in this test were read before training sentences were added, "
    "and some of those resemble it: people will be understood less well than the test says. The "
    "cross-validation below is the sober figure, and holds whole sentences back with all their "
    "forms. Only matters that are no danger are in the test, few of them worded dangerously: take "
    "a threshold from the bounds below, not from the first line of each act."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One test sentence."""

    meant: Act
    chances: Mapping[Act, float]

    @property
    def said(self) -> Act:
        """The likeliest act."""
        return max(self.chances, key=lambda act: self.chances[act])

    @property
    def right(self) -> bool:
        """Whether the likeliest act was meant."""
        return self.said == self.meant


def document(every: Sequence[Row], choice: Choice, judged: Sequence[Judged], size: int) -> str:
    """The report; `size` is the model's, in bytes."""
    right = sum(each.right for each in judged)
    facts = [
        f"Test: {right} of {len(judged)} sentences right, {_share(right, len(judged))}.",
        (
            f"Model: {size / 1000:.0f} kB; logistic regression over the encoder's states and "
            f"{GRAMS} hashed n-grams of characters and sounds."
        ),
        f"Training rows: {len(every)}, sha256 {_fingerprint(every)}.",
    ]
    parts = [
        "# Acts of speech",
        "Written by `kiosk models train acts`, beside the model that it describes.",
        "\n".join(f"- {fact}" for fact in facts),
        CAUTION,
        "## Settings",
        (
            f"Chosen by cross-validation in {FOLDS} parts over the sentences labelled by hand; "
            f"temperature {choice.temperature:g}."
        ),
        _settings(choice),
        "## Acts",
        _acts(every, judged),
        "## Danger",
        (
            f"At the threshold where at most {FALSE_ALARMS:.0%} of the test's matters are taken "
            "for it, then at two plain ones."
        ),
        _danger(judged),
        "## Does confidence mean a probability",
        _reliability(judged),
        "## What was said (across) for what was meant (down)",
        _confusion(judged),
    ]
    return "\n\n".join(parts) + "\n"


def threshold(judged: Sequence[Judged], act: Act) -> float:
    """The least probability of `act` that keeps false alarms among matters rare."""
    alarms = sorted((each.chances[act] for each in judged if each.meant == "matter"), reverse=True)
    allowed = int(len(alarms) * FALSE_ALARMS)
    # Just above the first matter that would be one too many.
    return alarms[allowed] + 1e-6 if allowed < len(alarms) else 0.0


def _settings(choice: Choice) -> str:
    rows = [
        [
            f"{settings.hold:g}",
            f"{settings.share:g}",
            f"{right:.1%}",
            f"{loss:.3f}",
            "chosen" if settings == choice.settings else "",
        ]
        for settings, right, loss in choice.judged
    ]
    return _table(["pull to zero", "scale of n-grams", "right", "mean loss", ""], rows)


def _acts(every: Sequence[Row], judged: Sequence[Judged]) -> str:
    rows = []
    for act in ACTS:
        mine = [row for row in every if row.act == act]
        meant = [each for each in judged if each.meant == act]
        said = [each for each in judged if each.said == act]
        both = sum(each.right for each in meant)
        rows.append(
            [
                act,
                str(sum(row.by_hand for row in mine)),
                str(sum(not row.by_hand for row in mine)),
                f"{sum(row.weight for row in mine):.0f}",
                str(len(meant)),
                _share(both, len(said)),
                _share(both, len(meant)),
            ]
        )
    head = ["act", "by hand", "forms and lent", "weight", "in the test", "precision", "recall"]
    return _table(head, rows)


def _danger(judged: Sequence[Judged]) -> str:
    rows = []
    for act in SAFETY:
        for bound in (threshold(judged, act), *BOUNDS):
            alarmed = [each.meant for each in judged if each.chances[act] >= bound]
            meant = sum(each.meant == act for each in judged)
            of_matters, found = alarmed.count("matter"), alarmed.count(act)
            # Whoever is threatened and whoever is robbed by telephone both need a person now.
            others = sum(each not in (*SAFETY, "matter") for each in alarmed)
            rows.append([act, f"{bound:.3f}", _share(found, meant), str(of_matters), str(others)])
    return _table(
        ["act", "threshold", "recall", "alarms among matters", "among harmless acts"], rows
    )


def _reliability(judged: Sequence[Judged]) -> str:
    rows = []
    for low, high in zip(BANDS, (*BANDS[1:], 1.01), strict=True):
        band = [each for each in judged if low <= each.chances[each.said] < high]
        if band:
            mean = sum(each.chances[each.said] for each in band) / len(band)
            right = _share(sum(each.right for each in band), len(band))
            rows.append([f"from {low:g}", str(len(band)), f"{mean:.1%}", right])
    return _table(["confidence", "sentences", "mean confidence", "right"], rows)


def _confusion(judged: Sequence[Judged]) -> str:
    rows = []
    for meant in ACTS:
        counts = [sum(e.meant == meant and e.said == said for e in judged) for said in ACTS]
        rows.append([meant, *(str(count) if count else "" for count in counts)])
    return _table(["", *ACTS], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _fingerprint(every: Sequence[Row]) -> str:
    told = "\n".join(f"{row.text}\t{row.act}\t{row.weight:.4f}" for row in every)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
