"""Faces followed from picture to picture by place and size. Pure; knows nobody."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from statistics import median

from models.base import Face

MOVED = 0.06
"""Part of its width by which a face must move, or grow, to be alive: 9 mm."""
CHANGED = 3.0
"""`Seen.change` from which the picture inside a face is alive, if it lasts."""
REACH = 2.5
"""Face widths between two pictures of one face: somebody hurries past, five pictures a second."""
RESIZED = 1.6
"""Ratio of its widths, in the same way."""
KEPT = 32
"""Sightings remembered of a face: six seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A face in one picture."""

    face: Face
    change: float = 1.0
    """How much the picture inside it changed, as a multiple of the change where nothing moves."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face at a time."""

    at: float
    face: Face
    changed: bool


@dataclass(slots=True)
class Track:
    """One face through time."""

    number: int
    began_at: float
    near: bool = False
    moved_at: float = -math.inf
    sightings: deque[Sighting] = field(default_factory=lambda: deque(maxlen=KEPT))
    _anchor: Face | None = None
    """Where it was when it last moved."""

    @property
    def face(self) -> Face:
        """Where it is now."""
        return self.sightings[-1].face

    @property
    def seen_at(self) -> float:
        """When it was seen last."""
        return self.sightings[-1].at

    def latest(self, seconds: float, least: int) -> list[Sighting]:
        """The last sightings over so many seconds, at least `least`; none if not yet so long."""
        known = list(self.sightings)
        for first in range(len(known) - least, -1, -1):
            if known[-1].at - known[first].at >= seconds - 0.01:
                return known[first:]
        return []

    def add(self, seen: Seen, at: float) -> None:
        """Note where the face is now, and whether it lives."""
        self.sightings.append(Sighting(at, seen.face, seen.change >= CHANGED))
        if self._has_moved() or self._has_changed():
            self.moved_at = at

    def delay(self, by_s: float) -> None:
        """Set all its times later."""
        self.moved_at += by_s
        for each in list(self.sightings):
            self.sightings.append(replace(self.sightings.popleft(), at=each.at + by_s))

    def _has_moved(self) -> bool:
        """By the median of three, for passers-by who half hide a poster shift its box for one."""
        recent = [each.face for each in self.sightings][-3:]
        if len(recent) < 3:
            return False
        now = _middle(recent)
        if self._anchor is None:
            self._anchor = now
        if distance(now, self._anchor) < MOVED and resizing(now, self._anchor) < 1 + MOVED:
            return False
        self._anchor = now
        return True

    def _has_changed(self) -> bool:
        return len(self.sightings) >= 3 and all(each.changed for each in list(self.sightings)[-3:])


class Tracks:
    """All faces of late."""

    def __init__(self, forget_s: float) -> None:
        self._forget_s = forget_s
        self._tracks: list[Track] = []
        self._numbers = count(1)

    def see(self, seen: Sequence[Seen], at: float) -> list[Track]:
        """Take one picture's faces; gives the tracks, new and old, that are not forgotten."""
        self._tracks = [each for each in self._tracks if at - each.seen_at <= self._forget_s]
        left = list(seen)
        for track, mine in self._pairs(seen):
            track.add(mine, at)
            left = [each for each in left if each is not mine]
        for each in left:
            track = Track(next(self._numbers), at)
            track.add(each, at)
            self._tracks.append(track)
        return list(self._tracks)

    def hold(self, at: float) -> None:
        """Let no track grow old over a time in which nothing could be seen."""
        late_s = at - max((each.seen_at for each in self._tracks), default=at)
        for track in self._tracks:
            track.delay(late_s)

    def _pairs(self, seen: Sequence[Seen]) -> list[tuple[Track, Seen]]:
        """Which face is whose: the closest pairs first."""
        possible = [
            (apart, index, track)
            for track in self._tracks
            for index, each in enumerate(seen)
            if (apart := distance(each.face, track.face)) <= REACH
            and resizing(each.face, track.face) <= RESIZED
        ]
        possible.sort(key=lambda pair: (pair[0], pair[1], pair[2].number))
        faces: set[int] = set()
        tracks: set[int] = set()
        pairs = []
        for _, index, track in possible:
            if index not in faces and track.number not in tracks:
                faces.add(index)
                tracks.add(track.number)
                pairs.append((track, seen[index]))
        return pairs


def distance(one: Face, other: Face) -> float:
    """Between two centres, in widths of the larger face."""
    (x, y), (other_x, other_y) = one.centre, other.centre
    across = (x - other_x) / max(one.width, other.width, 1e-6)
    down = (y - other_y) / max(one.height, other.height, 1e-6)
    return math.hypot(across, down)


def resizing(one: Face, other: Face) -> float:
    """Ratio of the larger width to the smaller."""
    low, high = sorted([max(one.width, 1e-6), max(other.width, 1e-6)])
    return high / low


def _middle(faces: Sequence[Face]) -> Face:
    """The median of each measure."""
    return Face(
        x=median(face.x for face in faces),
        y=median(face.y for face in faces),
        width=median(face.width for face in faces),
        height=median(face.height for face in faces),
        score=median(face.score for face in faces),
        facing=median(face.facing for face in faces),
    )
