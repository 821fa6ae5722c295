"""`kiosk bench presence`: the given files, or the standard set."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fleet.errors import KioskError
from models import engines as choose
from terminal.bench import presence as bench
from terminal.bench import presence_set, scenes
from terminal.bench.presence import Bench, Row
from terminal.config import Settings
from terminal.lookout import presence_settings

Watched = Callable[[Sequence[Any]], Iterable[Any]]


def run(files: Sequence[Path], settings: Settings, watched: Watched, *, as_json: bool) -> None:
    """Print a row for each. Raises KioskError, for bad files when the others are done."""
    work = Bench(choose.face_detector("face"), presence_settings(settings.presence))
    if files:
        _print(_given(work, files), as_json=as_json)
    else:
        _standard(work, watched, as_json=as_json)


def _given(work: Bench, files: Sequence[Path]) -> Iterator[Row]:
    bad: list[KioskError] = []
    for file in files:
        try:
            yield work.file(file)
        except KioskError as error:
            bad.append(error)
    if bad:
        for other in bad[1:]:
            print(other.message, file=sys.stderr)
        raise bad[0]


def _standard(work: Bench, watched: Watched, *, as_json: bool) -> None:
    found = presence_set.find()
    for want in found.lacking:
        print(f"part of the standard set is not here; run: {want}", file=sys.stderr)
    detector = choose.face_detector("face")
    jobs: list[Callable[[], Row]] = [
        lambda file=file, expected=expected: work.file(file, expected)  # type: ignore[misc]
        for file, expected in found.files()
    ]
    ms = 0.0
    if found.pictures is not None:
        head, hall = presence_set.actors_of(found.pictures, detector)
        ms = work.detector_ms(hall)
        jobs += [
            lambda scene=scene: work.scene(scene, scenes.shots(scene, head, hall))  # type: ignore[misc]
            for scene in scenes.standard()
        ]
    rows = [job() for job in watched(jobs)]
    _print(rows, as_json=as_json)
    summary = summarised(rows, ms)
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        print(", ".join(f"{name} {value}" for name, value in summary.items()))


def summarised(rows: Sequence[Row], detector_ms: float) -> dict[str, object]:
    """What the whole set says."""
    after = [each for row in rows for each in row.greeted_after_s]
    cost = [row.core_percent for row in rows if row.core_percent is not None]
    return {
        "right": f"{sum(row.ok for row in rows)} of {len(rows)}",
        "latest_greeting_s": round(max(after, default=0.0), 1),
        "detector_ms": round(detector_ms, 1),
        "core_percent_mean": round(sum(cost) / len(cost), 1) if cost else None,
        "core_percent_most": round(max(cost), 1) if cost else None,
    }


def _print(rows: Iterable[Row], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            print(bench.line(row), flush=True)
        return
    kept: list[Row] = []
    try:
        kept.extend(rows)
    finally:
        if kept:
            bench.show(kept)
