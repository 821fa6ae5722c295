"""Who stands in front of the kiosk: faces with their times in, PersonArrived and PersonLeft out.

Pure: time is passed in. A visitor is near, turned this way, stays, and moves as only the living
do. Whoever comes with one or joins one belongs to the same visit; it is over when the last of
them has gone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from terminal.events import PersonArrived, PersonLeft
from terminal.tracks import Seen, Track, Tracks, distance

FACE_M = 0.115
"""Width of the detector's box around a small grown person's face, as it comes out at 1.4 m: of two
people 0.116 and 0.131. The smaller, lest somebody be missed; others are near 0.2 m further off."""
FAR = 0.75
"""A near face stays near down to this part of the width that made it near."""
FACING = 0.25
"""Of `Face.facing`: turned further away it greets nobody."""
SURE = 0.75
"""Median of `Face.score` from which somebody is greeted: a cat had 0.72, people 0.8 and more."""
STEP = 1.5
"""Face widths a second, about 0.2 m/s: who moves faster sideways is walking past."""
GROWTH = 0.3
"""The same towards the camera and away: a face's width changes by this part in a second."""
LEAST_SIGHTINGS = 3
"""One picture deceives, and two may."""
ALIVE_S = 6.0
"""A face that has not moved for so long is a poster, and is not greeted."""
STILL_S = 20.0
"""A visitor who has not moved for so long is one too: a poster that was carried in."""
GROUP = 0.6
"""Who is at least this part of the nearest visitor's size comes with them; the smaller queue."""

QUEUE_S = 5.0
"""So long after a visit the next one must step up to its place; then any near place will do."""


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """When somebody counts as a visitor."""

    near: float
    """Width of a face from which it is near, as a fraction of the picture's width."""
    dwell_s: float = 0.6
    """Time to stay before being greeted."""
    left_s: float = 3.0
    """Time unseen after which somebody has left; people look down at their papers."""
    cool_down_s: float = 8.0
    """Least time between two greetings, but of people who were seen side by side."""


def width_at(distance_m: float, view_deg: float) -> float:
    """A face's width, as a fraction of the picture's, for a camera that sees `view_deg` across."""
    return FACE_M / (2 * distance_m * math.tan(math.radians(view_deg) / 2))


class Presence:
    """Turns the faces of one picture after another into arrivals and departures."""

    def __init__(self, settings: PresenceSettings) -> None:
        self._settings = settings
        self._tracks = Tracks(settings.left_s)
        self._visitors: set[int] = set()
        self._occupied_at = -math.inf
        self._place = 0.0
        """Width of the nearest visitor's face, the last one's after a visit."""
        self._greeted_at = -math.inf

    @property
    def occupied(self) -> bool:
        """Whether a visitor is there."""
        return bool(self._visitors)

    def see(self, seen: Sequence[Seen], at: float) -> list[PersonArrived | PersonLeft]:
        """Take all faces of the picture made at `at`, seconds of any clock that only rises."""
        tracks = self._tracks.see(seen, at)
        for track in tracks:
            limit = self._settings.near * (FAR if track.near else 1.0)
            track.near = track.face.width >= limit
        return list(self._judge(tracks, at))

    def hold(self, at: float) -> None:
        """Nothing could be seen at `at`, for darkness or glare: nobody came, and nobody left."""
        self._tracks.hold(at)

    def forget(self) -> None:
        """The camera is gone: nobody is known any more, and nobody is said to have left."""
        self._tracks = Tracks(self._settings.left_s)
        self._visitors.clear()

    def _judge(self, tracks: list[Track], at: float) -> Iterator[PersonArrived | PersonLeft]:
        there = {track.number for track in tracks if self._is_there(track, at)}
        was_occupied = self.occupied
        self._visitors &= there
        if was_occupied and not self._visitors:
            yield PersonLeft()
        if self._visitors:
            known = [track for track in tracks if track.number in self._visitors]
            self._occupied_at = max(track.seen_at for track in known)
            self._place = max(track.face.width for track in known)
        comers = [track for track in tracks if self._stays(track, at) and self._is_next(track, at)]
        if not comers:
            return
        if not self._visitors:
            yield self._arrival(comers, at)
            self._place = max(track.face.width for track in comers)
        elif self._occupied_at < at:
            return  # Whoever comes while no visitor can be seen may be the next one.
        least = GROUP * self._place
        self._visitors |= {track.number for track in comers if track.face.width >= least}

    def _is_there(self, track: Track, at: float) -> bool:
        """Whether a visitor still is one; the tracks are those seen within `left_s`."""
        return track.near and at - track.moved_at <= STILL_S

    def _stays(self, track: Track, at: float) -> bool:
        """Near, turned this way, alive, and hardly moving from the spot for the dwell time."""
        if not track.near or at - track.moved_at > ALIVE_S or track.seen_at < at:
            return False
        recent = track.latest(self._settings.dwell_s, LEAST_SIGHTINGS)
        if not recent:
            return False
        if median(each.face.facing for each in recent) < FACING:
            return False
        if median(each.face.score for each in recent) < SURE:
            return False
        first, last = recent[0].face, recent[-1].face
        passed_s = recent[-1].at - recent[0].at
        grown = abs(math.log(last.width / first.width))
        return distance(first, last) <= STEP * passed_s and grown <= GROWTH * passed_s

    def _is_next(self, track: Track, at: float) -> bool:
        """Who queues behind is not greeted for a moment in which the visitor looks down."""
        just_left = at - self._occupied_at <= self._settings.left_s + QUEUE_S
        return not just_left or track.face.width >= GROUP * self._place

    def _arrival(self, comers: list[Track], at: float) -> PersonArrived:
        """Not the same person greeted twice in a short time; who waited behind is another."""
        newcomer = any(track.began_at <= self._occupied_at for track in comers)
        greet = newcomer or at - self._greeted_at >= self._settings.cool_down_s
        if greet:
            self._greeted_at = at
        return PersonArrived(greet=greet, newcomer=newcomer)
