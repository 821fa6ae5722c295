"""Who is greeted in front of a camera, and at what cost: pictures, videos, painted scenes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from hardware.base import PICTURES_PER_S, Shot
from hardware.pictures import is_image, read_picture, shots_of
from models.base import Face, FaceDetector, Picture
from terminal.bench.scenes import VIEW_DEG, Scene
from terminal.events import PersonArrived, PersonLeft
from terminal.presence import Presence, PresenceSettings, width_at
from terminal.tracks import CHANGED, Seen
from terminal.watching import Watching

IN_TIME_S = 1.5
"""From a person's stop to the greeting."""
STANDS_S = 3.0
"""How long somebody in a photo is supposed to stand there."""

Item = TypeVar("Item")
Watched = Callable[[Sequence[Item]], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class Row:
    """What was made of one file or scene."""

    file: str
    faces: int
    """Most at once."""
    near: int
    """Of them near enough to be greeted, most at once."""
    score: float
    """Of the surest face, 0 without one."""
    greetings: int
    core_percent: float | None = None
    """Processor time of the whole watch, as a part of the time the pictures lasted."""
    expected: int | None = None
    """Greetings, where it is known."""
    greeted_after_s: tuple[float, ...] = ()
    """From each stop to its greeting."""

    @property
    def ok(self) -> bool:
        """As many greetings as there should be, each in time."""
        in_time = all(after <= IN_TIME_S for after in self.greeted_after_s)
        return in_time and self.expected in (None, self.greetings)


class Bench:
    """Detector and settings for all rows."""

    def __init__(self, detector: FaceDetector, settings: PresenceSettings) -> None:
        self._detector = detector
        self._settings = settings

    def file(self, file: Path, expected: int | None = None) -> Row:
        """A picture, a folder of pictures, or a video. Raises KioskError."""
        if is_image(file) and not file.is_dir():
            return self._picture(file, expected)
        watch = _Watch(self._detector, self._settings)
        for shot in shots_of(file):
            watch.look(shot)
        return watch.row(str(file), expected)

    def scene(self, scene: Scene, pictures: Iterator[Shot]) -> Row:
        """A painted scene."""
        settings = PresenceSettings(
            width_at(1.5, VIEW_DEG),
            self._settings.dwell_s,
            self._settings.left_s,
            self._settings.cool_down_s,
        )
        watch = _Watch(self._detector, settings)
        for shot in pictures:
            watch.look(shot)
        return watch.row(scene.name, len(scene.stops), scene.stops)

    def detector_ms(self, picture: Picture, rounds: int = 20) -> float:
        """Median processor time of one search for faces: other work beside it counts less."""
        times = []
        for _ in range(rounds):
            began = time.process_time()
            self._detector.faces(picture)
            times.append((time.process_time() - began) * 1000)
        return median(times)

    def _picture(self, file: Path, expected: int | None) -> Row:
        """One picture is no proof of life: its faces are taken for people who stand there."""
        faces = self._detector.faces(read_picture(file))
        presence = Presence(self._settings)
        greetings = 0
        for index in range(int(STANDS_S * PICTURES_PER_S)):
            seen = [Seen(face, CHANGED) for face in faces]
            for event in presence.see(seen, index / PICTURES_PER_S):
                greetings += isinstance(event, PersonArrived) and event.greet
        near = sum(face.width >= self._settings.near for face in faces)
        score = max((face.score for face in faces), default=0.0)
        return Row(str(file), len(faces), near, score, greetings, expected=expected)


class _Watch:
    """One run of the whole watch, with what it saw."""

    def __init__(self, detector: FaceDetector, settings: PresenceSettings) -> None:
        self._watching = Watching(detector, Presence(settings), self._note)
        self._near = settings.near
        self._at = 0.0
        self._spent_s = 0.0
        self._greeted: list[float] = []
        self._most: list[int] = [0, 0]
        self._score = 0.0

    def look(self, shot: Shot) -> None:
        """Take a picture."""
        self._at = shot.at
        began = time.process_time()
        self._watching.look(shot)
        self._spent_s += time.process_time() - began
        self._count(self._watching.faces)

    def row(self, name: str, expected: int | None, stops: Sequence[float] = ()) -> Row:
        """What came of it."""
        lasted_s = self._at + 1 / PICTURES_PER_S
        # Greeted while still slowing down is greeted at once.
        after = [max(0.0, at - stop) for stop, at in zip(stops, self._greeted, strict=False)]
        return Row(
            name,
            self._most[0],
            self._most[1],
            self._score,
            len(self._greeted),
            100 * self._spent_s / lasted_s,
            expected,
            tuple(after),
        )

    def _note(self, event: PersonArrived | PersonLeft) -> None:
        if isinstance(event, PersonArrived) and event.greet:
            self._greeted.append(self._at)

    def _count(self, faces: Sequence[Face]) -> None:
        near = sum(face.width >= self._near for face in faces)
        self._most = [max(self._most[0], len(faces)), max(self._most[1], near)]
        self._score = max([self._score, *(face.score for face in faces)])


def line(row: Row) -> str:
    """One JSON object."""
    record: dict[str, object] = {
        "file": row.file,
        "faces": row.faces,
        "near": row.near,
        "score": round(row.score, 3),
        "greetings": row.greetings,
    }
    if row.core_percent is not None:
        record["core_percent"] = round(row.core_percent, 1)
    if row.expected is not None:
        record |= {"expected": row.expected, "ok": row.ok}
    if row.greeted_after_s:
        record["greeted_after_s"] = [round(after, 1) for after in row.greeted_after_s]
    return json.dumps(record, ensure_ascii=False)


def show(rows: Sequence[Row]) -> None:
    """A table for people."""
    table = Table(
        "file or scene", "faces", "near", "score", "greetings", "after s", "% of a core", ""
    )
    for row in rows:
        table.add_row(
            Path(row.file).name,
            str(row.faces),
            str(row.near),
            f"{row.score:.2f}",
            str(row.greetings) if row.expected is None else f"{row.greetings} of {row.expected}",
            " ".join(f"{after:.1f}" for after in row.greeted_after_s),
            "" if row.core_percent is None else f"{row.core_percent:.1f}",
            "" if row.ok else "WRONG",
        )
    Console().print(table)
