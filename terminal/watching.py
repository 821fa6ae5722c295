"""Camera pictures -> faces -> presence events, at little cost while nothing moves.

Synchronous, on one thread of its own. A picture is looked at and dropped: what is kept of it is
a second of grey pictures 160 points wide, for what moves in them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hardware.base import Shot
from hardware.opencv import cv2
from models.base import Face, FaceDetector, Picture
from terminal.events import PersonArrived, PersonLeft
from terminal.presence import Presence
from terminal.tracks import Seen

GREY_WIDTH = 160
BLOCK = 8
"""Grey points a side of the blocks in which change is looked for."""
REMEMBERED_S = 1.0
"""A living face moves a few millimetres in a second, and hardly in the 0.2 s between pictures."""
STIR = 4.0
"""Grey levels by which a block's mean must change before faces are looked for again."""
LOOK_AGAIN_S = 1.0
"""They are looked for this often all the same: somebody may stand very still."""
DARK = 12.0
"""Mean grey level below which nothing can be seen."""
DAZZLED = 0.6
"""Part of the picture at full white from which nothing can be seen."""
DIM, LIT, MOST_GAIN = 70.0, 100.0, 6.0
"""Darker pictures than DIM are brightened to LIT, at most so many times."""
LEAST_CHANGE = 0.4
"""Grey levels: below, a still picture's change is rounding."""

Grey = NDArray[np.float32]
Report = Callable[[PersonArrived | PersonLeft], None]


class Watching:
    """Looks at one picture after another."""

    def __init__(self, detector: FaceDetector, presence: Presence, report: Report) -> None:
        self.counts: Counter[str] = Counter()
        """Pictures `seen`, of them `searched` for faces, too `dark`, too `bright`."""
        self._detector = detector
        self._presence = presence
        self._report = report
        self._past: deque[tuple[float, Grey]] = deque()
        self._searched: Grey | None = None
        """The picture in which faces were last looked for."""
        self._searched_at = 0.0
        self._faces: list[Face] = []

    @property
    def faces(self) -> Sequence[Face]:
        """In the last picture."""
        return self._faces

    def look(self, shot: Shot) -> None:
        """Take the next picture; reports who came and went."""
        self.counts["seen"] += 1
        grey = shrunk(shot.picture)
        if blind := blindness(grey):
            self.counts[blind] += 1
            self._forget_pictures()
            self._presence.hold(shot.at)
            return
        if self._stirred(grey, shot.at):
            self.counts["searched"] += 1
            self._faces = self._detector.faces(brightened(shot.picture, float(grey.mean())))
            self._searched, self._searched_at = grey, shot.at
        seen = self._weighed(grey, shot.at)
        for event in self._presence.see(seen, shot.at):
            self._report(event)

    def forget(self) -> None:
        """The camera is gone or the kiosk stops."""
        self._forget_pictures()
        self._presence.forget()

    def _forget_pictures(self) -> None:
        self._past.clear()
        self._searched = None
        self._faces = []

    def _stirred(self, grey: Grey, at: float) -> bool:
        """Whether it is worth looking for faces: something moved, or it is time."""
        if self._searched is None or at - self._searched_at >= LOOK_AGAIN_S:
            return True
        if grey.shape != self._searched.shape:
            return True
        return bool(np.abs(blocks(grey) - blocks(self._searched)).max() >= STIR)

    def _weighed(self, grey: Grey, at: float) -> list[Seen]:
        """The faces, each with its change against a picture of a moment ago."""
        while self._past and at - self._past[0][0] > REMEMBERED_S + 0.05:
            self._past.popleft()
        past = self._past[0][1] if self._past else None
        self._past.append((at, grey))
        if past is None or past.shape != grey.shape:
            return [Seen(face) for face in self._faces]
        change = change_between(past, grey)
        still = max(LEAST_CHANGE, float(np.median(change)))
        return [Seen(face, _inside(change, face) / still) for face in self._faces]


def shrunk(picture: Picture) -> Grey:
    """Grey, float32 [height, 160], 0..255: averaging takes most of a sensor's noise away."""
    height, width = picture.shape[:2]
    size = (GREY_WIDTH, max(1, round(height * GREY_WIDTH / width)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    grey: Grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return grey


def blindness(grey: Grey) -> str:
    """Why nothing can be seen in the picture: `dark`, `bright`, or empty."""
    if float(grey.mean()) < DARK:
        return "dark"
    return "bright" if float((grey >= 250).mean()) > DAZZLED else ""


def brightened(picture: Picture, mean: float) -> Picture:
    """The picture as it is, or a dim one with more light; the detector wants faces in daylight."""
    if mean >= DIM:
        return picture
    return np.asarray(cv2.convertScaleAbs(picture, alpha=min(MOST_GAIN, LIT / mean)), np.uint8)


def blocks(grey: Grey) -> Grey:
    """Means of blocks of 8x8 points."""
    size = (max(1, grey.shape[1] // BLOCK), max(1, grey.shape[0] // BLOCK))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def change_between(past: Grey, grey: Grey) -> Grey:
    """How much each point changed, the change of light and exposure on the whole left out."""
    before, now = past - past.mean(), grey - grey.mean()
    spread = float((before * before).mean())
    gain = float((before * now).mean()) / spread if spread > 1 else 1.0
    return np.asarray(np.abs(now - gain * before), np.float32)


def _inside(change: Grey, face: Face) -> float:
    """Mean change inside a face's box."""
    height, width = change.shape
    left, right = (int(np.clip(x * width, 0, width)) for x in (face.x, face.x + face.width))
    top, foot = (int(np.clip(y * height, 0, height)) for y in (face.y, face.y + face.height))
    box = change[top : max(foot, top + 1), left : max(right, left + 1)]
    return float(box.mean()) if box.size else 0.0
